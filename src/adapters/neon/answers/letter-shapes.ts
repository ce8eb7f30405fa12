import type { Letter } from "../../../ports/turns.ts";
import { count, list, nullable, object, oneOf, type Shape, text } from "./shape.ts";

const letter: Shape<Letter> = object({
  kind: oneOf(["step", "delivery"]),
  target: text,
  turn: nullable(text),
  generation: count,
  attempt: count,
  delay_seconds: count,
});

export const outbox: Shape<readonly Letter[]> = list(letter);
