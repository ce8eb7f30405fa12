export type Reply = string | number | null | readonly Reply[];

/** Turns what ioredis-mock answers into the RESP2 shapes that a server sends. */
export function replyFromMock(value: unknown): Reply {
  if (value === null || value === undefined) return null;
  if (typeof value === "string") return value;
  if (typeof value === "number") return Number.isInteger(value) ? value : String(value);
  if (typeof value === "boolean") return value ? 1 : 0;
  if (Buffer.isBuffer(value)) return value.toString("utf8");
  if (Array.isArray(value)) return value.map(replyFromMock);
  if (typeof value === "object") return Object.entries(value).flat().map(replyFromMock);
  throw new Error(`ERR the stand-in cannot answer with a ${typeof value}`);
}

/** `Upstash-Encoding: base64` leaves "OK", numbers and nulls as they are. */
export function encodeReply(reply: Reply): Reply {
  if (typeof reply === "string") return reply === "OK" ? reply : Buffer.from(reply, "utf8").toString("base64");
  return reply === null || typeof reply === "number" ? reply : reply.map(encodeReply);
}
