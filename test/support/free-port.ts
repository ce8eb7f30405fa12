import { randomInt } from "node:crypto";
import { createServer } from "node:net";

// Below the ports that a system gives to connections by itself: one of those may be taken again before a program listens.
const range = { from: 18_000, to: 32_000 } as const;
const maxTries = 50;

/** A port that a program may listen on in a moment. */
export async function findFreePort(): Promise<number> {
  for (let tries = 0; tries < maxTries; tries += 1) {
    const port = randomInt(range.from, range.to);
    if (await isFree(port)) return port;
  }
  throw new Error("no port is free");
}

export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer().once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
