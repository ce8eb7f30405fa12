import type { RemoteServer } from "../../ports/tool-server.ts";
import type { Outgoing } from "./protocol.ts";
import { BadAnswer, type RpcAnswer, readAnswer, skip } from "./read-answer.ts";

export type Reply =
  | (RpcAnswer & { readonly status: number; readonly sessionId: string | null })
  /** No answer in the protocol's form. */
  | { readonly kind: "status"; readonly status: number }
  | { readonly kind: "failed"; readonly reason: string };

export interface Line {
  readonly server: RemoteServer;
  readonly signal: AbortSignal;
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
}

const sessionId = /^[\x21-\x7e]{1,512}$/;

/** One POST and what it came to; a redirect would lead to an address that nobody has checked, so it follows none. */
export async function exchange({ server, signal, fetch: send }: Line, { body, headers, id }: Outgoing): Promise<Reply> {
  try {
    const init = {
      method: "POST",
      body,
      headers: { ...headers, ...standing(server) },
      redirect: "manual",
      signal,
    } as const;
    const response = await send(server.url, init);
    const { status } = response;
    const answer = id === null ? await skip(response) : await readAnswer(response, id);
    if (answer === null) return { kind: "status", status };
    const session = response.headers.get("mcp-session-id") ?? "";
    return { ...answer, status, sessionId: sessionId.test(session) ? session : null };
  } catch (error) {
    if (error instanceof BadAnswer) return { kind: "failed", reason: error.message };
    return { kind: "failed", reason: signal.aborted ? "it did not answer in time" : "it could not be reached" };
  }
}

/** Tells a server that a session is over; whether it listens is its own affair. */
export async function hangUp({ server, signal, fetch: send }: Line, headers: Outgoing["headers"]): Promise<void> {
  try {
    const init = {
      method: "DELETE",
      headers: { ...headers, ...standing(server) },
      redirect: "manual",
      signal,
    } as const;
    await skip(await send(server.url, init));
  } catch {
    return;
  }
}

function standing({ authorization }: RemoteServer): Readonly<Record<string, string>> {
  return {
    "content-type": "application/json",
    accept: "application/json, text/event-stream",
    "user-agent": "Pantheon-Tools/1",
    ...(authorization === null ? {} : { authorization }),
  };
}
