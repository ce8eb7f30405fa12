import * as z from "zod";
import type { ResponseFormat } from "../../../src/domain/json-schema/response-format.ts";
import type { Random } from "./random.ts";

/** What a model says, and what must become of it. */
export interface Reply {
  readonly text: string;
  /** Entries that a summary brings: none may be lost. */
  readonly entries: readonly string[];
}

export interface Answering {
  readonly marker: string;
  /** The call's own, in texts that must be words. */
  readonly number: number;
  readonly prompt: string;
  readonly random: Random;
  readonly maxCharacters: number;
}

export const anyMarker = /said-in-call-\d+-end/g;
export const anyInstruction = /told-by-call-\d+-to-[a-z]+-end/g;

export const silence = "[silent]";

/** A reply in the form that was asked for. */
export function replyTo(format: ResponseFormat | null, answering: Answering): Reply {
  if (format === null) return plain(words(answering));
  switch (format.name) {
    case "routing":
    case "evaluation":
      return plain(JSON.stringify(assign(format, answering)));
    case "ranking":
      return plain(JSON.stringify(rank(format, answering)));
    case "vote":
      return plain(JSON.stringify(vote(format, answering)));
    case "summary":
      return summary(answering);
    case "response":
      return plain(JSON.stringify({ answer: words(answering) }));
    default:
      throw new Error(`no reply is known for the form ${format.name}`);
  }
}

function plain(text: string): Reply {
  return { text, entries: [] };
}

/** The marker comes first, so that what is shortened still has it. */
function words({ marker, random, maxCharacters }: Answering): string {
  return `My view is ${marker}.${padding(random, maxCharacters / 4)}`;
}

export function padding(random: Random, maxCharacters: number): string {
  if (maxCharacters < 1 || random.chance(0.4)) return "";
  return ` ${"and so on ".repeat(random.between(1, Math.ceil(maxCharacters / 10)))}`.trimEnd();
}

const Enum = z.object({ enum: z.array(z.string().nullable()).default([]) });
const Assigns = z.object({
  properties: z.object({
    verdict: z.unknown().optional(),
    assignments: z.object({ items: z.object({ properties: z.object({ agent_key: Enum }) }) }),
  }),
});

/** More than the bounds let through, now and then, and some of them twice. */
function assign({ schema }: ResponseFormat, { marker, number, random }: Answering): object {
  const { properties } = Assigns.parse(schema);
  const keys = namesIn(properties.assignments.items.properties.agent_key);
  const chosen = Array.from({ length: random.between(1, keys.length + 1) }, () => random.pick(keys));
  const assignments = chosen.map((agent_key) => ({
    agent_key,
    instruction: `Do told-by-call-${number}-to-${agent_key}-end.`,
  }));
  const verdict = properties.verdict === undefined ? {} : { verdict: random.pick(["continue", "continue", "finish"]) };
  return { reason: `Because ${marker}.`, ...verdict, assignments, order: random.pick(["parallel", "sequence"]) };
}

const Ranks = z.object({ properties: z.object({ ranking: z.object({ items: Enum }) }) });

function rank({ schema }: ResponseFormat, { marker, random }: Answering): object {
  const labels = Ranks.parse(schema).properties.ranking.items.enum;
  const ranking = labels.map((label) => ({ label, place: random.draw() })).sort((a, b) => a.place - b.place);
  return { reason: `Because ${marker}.`, ranking: ranking.map(({ label }) => label) };
}

const Votes = z.object({ properties: z.object({ choice: Enum }) });

function vote({ schema }: ResponseFormat, { marker, random }: Answering): object {
  const [first = null, ...others] = Votes.parse(schema).properties.choice.enum;
  return { reason: `Because ${marker}.`, choice: random.pick([first, ...others]), confidence: random.between(0, 100) };
}

const messageRef = /^(m\d+) \(turn/gm;
const entryRef = /^([dqaf]\d+): /gm;
const lists = ["key_facts", "decisions", "open_questions", "action_items"] as const;

/** Something new of each kind now and then, and an end for what was open, also of what is not there. */
function summary({ marker, number, prompt, random }: Answering): Reply {
  const refs: readonly [string, ...string[]] = ["m999", ...refsIn(prompt, messageRef)];
  const known: readonly [string, ...string[]] = ["q999", ...refsIn(prompt, entryRef)];
  const entries: string[] = [];
  const findings = lists.map((list) => {
    const isNew = random.chance(0.4);
    const text = `Call${number}found${list.replace("_", "")} is so.`;
    if (isNew) entries.push(text);
    return [list, isNew ? [{ text, sources: [random.pick(refs), random.pick(refs)] }] : []] as const;
  });
  const resolved = random.chance(0.3) ? [{ ref: random.pick(known), status: random.pick(["done", "superseded"]) }] : [];
  return {
    text: JSON.stringify({ text: `Minutes of ${marker}.`, ...Object.fromEntries(findings), resolved }),
    entries,
  };
}

function refsIn(prompt: string, pattern: RegExp): readonly string[] {
  return [...prompt.matchAll(pattern)].map(([, ref = ""]) => ref);
}

function namesIn({ enum: names }: z.infer<typeof Enum>): readonly [string, ...string[]] {
  const [first, ...others] = names.filter((name) => name !== null);
  if (first === undefined) throw new Error("the form names no agent");
  return [first, ...others];
}

/** What no form can be read from. */
export const garbage: readonly [string, ...string[]] = [
  "Certainly! Here is what I think.",
  "{}",
  "[]",
  "null",
  '{"reason": "cut of',
  '{"reason": 7, "assignments": "all", "ranking": {"A": 1}, "choice": 4, "text": ["no"]}',
  '{"reason": "", "verdict": "perhaps", "assignments": [{"agent_key": "nobody", "instruction": "x"}], "ranking": ["?"], "choice": "nobody", "text": ""}',
];
