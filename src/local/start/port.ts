import { createServer } from "node:net";

export class PortError extends Error {
  override readonly name = "PortError";
}

/** Finds out before anything slow is begun. */
export function checkPortIsFree(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", (cause) => reject(new PortError(complaint(port, cause), { cause })));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve()));
  });
}

function complaint(port: number, cause: Error): string {
  const isTaken = "code" in cause && cause.code === "EADDRINUSE";
  const what = isTaken ? `Port ${port} is taken: end what listens there` : `Port ${port} may not be used`;
  return `${what}, or choose another one with PORT=${port < 65_535 ? port + 1 : port - 1} npm start.`;
}
