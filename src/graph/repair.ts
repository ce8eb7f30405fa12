import type { ModelMessage } from "../ports/model.ts";

/** The prompt with what was wrong; within the last user message, since strict providers want roles to alternate. */
export function askAgain(messages: readonly ModelMessage[], instruction: string): readonly ModelMessage[] {
  const last = messages.at(-1);
  if (last?.role !== "user") return [...messages, { role: "user", content: instruction }];
  return [...messages.slice(0, -1), { role: "user", content: `${last.content}\n\n${instruction}` }];
}
