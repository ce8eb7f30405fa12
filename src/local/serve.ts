import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener, type HttpBindings } from "@hono/node-server";

export interface StandIn {
  readonly url: string;
  stop(): Promise<void>;
}

export type NodeBindings = HttpBindings;

type Fetch = (request: Request, bindings: NodeBindings) => Response | Promise<Response>;

/** Serves a fetch handler on loopback only; port 0 picks a free one. */
export async function serve(fetch: Fetch, port = 0): Promise<StandIn> {
  const listener = getRequestListener((request, bindings) => fetch(request, bindings as NodeBindings));
  const server = createServer(
    { requestTimeout: 0 },
    (request: IncomingMessage, response) => void listener(request, response),
  );
  await listen(server, port);
  const { port: bound } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${bound}`, stop: () => close(server) };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve());
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
