export type Reply = string | number | null | readonly Reply[];

/** `Upstash-Encoding: base64` leaves "OK", numbers and nulls as they are. */
export function encodeReply(reply: Reply): Reply {
  if (typeof reply === "string") return reply === "OK" ? reply : Buffer.from(reply, "utf8").toString("base64");
  return reply === null || typeof reply === "number" ? reply : reply.map(encodeReply);
}
