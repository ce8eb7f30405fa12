import type { OutboxMessage } from "../../../ports/turns.ts";
import { count, list, nullable, object, oneOf, type Shape, text } from "./shape.ts";

const outboxMessage: Shape<OutboxMessage> = object({
  kind: oneOf(["step", "delivery"]),
  target: text,
  turn: nullable(text),
  generation: count,
  attempt: count,
  delay_seconds: count,
});

export const outbox: Shape<readonly OutboxMessage[]> = list(outboxMessage);
