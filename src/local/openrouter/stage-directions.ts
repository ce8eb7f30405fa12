/** A prompt's text without what it asks for at its very end, and that on its own. */
export interface Staged {
  readonly said: string;
  readonly task: string;
  /** What is asked of this speaker alone. */
  readonly instruction: string;
}

const TASK =
  /(?:^|\n\n)(?=It is your turn, |Say now who works on |Round \d{1,3} of at most |Your task now, |The agents ranked each other's |Now answer the user, )/gu;
const INSTRUCTION = /(?:^|\n\n)<instruction>([^<]{0,20000})<\/instruction>$/u;

/** The engine's prompts end with whose turn it is and what to do: no word of it is the user's. */
export function cutStageDirections(text: string): Staged {
  let start = [...text.matchAll(TASK)].at(-1)?.index;
  if (start === undefined) return { said: text, task: "", instruction: "" };
  const ranks = text.slice(0, start).lastIndexOf("\n\nThe agents ranked each other's ");
  if (ranks >= 0 && !text.slice(ranks + 2, start).includes("\n\n")) start = ranks;
  const before = text.slice(0, start).trimEnd();
  const instruction = INSTRUCTION.exec(before);
  return {
    said: instruction === null ? before : before.slice(0, instruction.index).trimEnd(),
    task: text.slice(start).trim(),
    instruction: instruction?.[1]?.trim() ?? "",
  };
}
