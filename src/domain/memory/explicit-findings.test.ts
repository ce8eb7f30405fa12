import { describe, expect, it } from "vitest";
import type { ChunkMessage } from "./chunk.ts";
import type { EntryKind } from "./entry.ts";
import { explicitFindings } from "./explicit-findings.ts";

function found(text: string, author: ChunkMessage["author"] = "user"): readonly (readonly [EntryKind, string])[] {
  const agent_key = author === "user" ? null : "ada";
  const message = { ref: "m1", id: "id", turn_index: 1, author, agent_key, from: 0, to: text.length, text };
  const { decision, question, action, fact } = explicitFindings([message]);
  return [
    ...decision.map(({ text: words }) => ["decision", words] as const),
    ...question.map(({ text: words }) => ["question", words] as const),
    ...action.map(({ text: words }) => ["action", words] as const),
    ...fact.map(({ text: words }) => ["fact", words] as const),
  ];
}

describe("explicit wording is found", () => {
  it.each<[EntryKind, string, string]>([
    [
      "decision",
      "Good. We decided to use Postgres 16.4, e.g. for the queue. Next point.",
      "We decided to use Postgres 16.4, e.g. for the queue.",
    ],
    ["decision", "- **Decision:** the launch is on 3 May.", "the launch is on 3 May."],
    ["decision", "Decision — we go with plan B", "we go with plan B"],
    ["decision", "1. Decision 2: keep it", "keep it"],
    ["decision", "@ada @bob, Decision: the launch is on 3 May.", "the launch is on 3 May."],
    ["action", "@Ada will write the docs by Friday.", "@Ada will write the docs by Friday."],
    ["decision", "After some talk, we've agreed on the blue one.", "After some talk, we've agreed on the blue one."],
    ["decision", "Agreed: no meetings on Friday.", "no meetings on Friday."],
    ["decision", "It was agreed that Ada leads.", "It was agreed that Ada leads."],
    ["decision", "I have decided to stay.", "I have decided to stay."],
    ["decision", "Wir haben beschlossen, Postgres zu nehmen.", "Wir haben beschlossen, Postgres zu nehmen."],
    ["decision", "Wir haben uns gestern auf Plan B geeinigt.", "Wir haben uns gestern auf Plan B geeinigt."],
    ["decision", "Beschluss: Start am 3. Mai.", "Start am 3. Mai."],
    ["decision", "Nous avons décidé de partir.", "Nous avons décidé de partir."],
    ["decision", "Décision : on garde le bleu.", "on garde le bleu."],
    ["decision", "Hemos decidido usar Postgres.", "Hemos decidido usar Postgres."],
    ["decision", "Decisión: usamos Postgres.", "usamos Postgres."],
    ["question", "Open question: who pays?", "who pays?"],
    ["question", "Offene Frage: wer zahlt", "wer zahlt"],
    ["question", "It is late. Who pays for it? Who signs?", "Who signs?"],
    ["action", "TODO: write the docs", "write the docs"],
    ["action", "- [ ] TODO: write the docs", "write the docs"],
    ["action", "Ada will write the docs by Friday.", "Ada will write the docs by Friday."],
    ["action", "We will ship it by 3 May.", "We will ship it by 3 May."],
    ["action", "Tâche : relire le texte", "relire le texte"],
    ["fact", "Remember: the code is 4711.", "the code is 4711."],
  ])("%s in %j", (kind, text, words) => {
    expect(found(text)).toEqual([[kind, words]]);
  });
});

describe("nothing is found", () => {
  it.each([
    "If we decided to go, it would rain.",
    "Once we have agreed on a plan, tell me.",
    "Have we decided anything.",
    "We decided nothing.",
    "We agreed to disagree.",
    "We have not decided yet.",
    "Wir haben noch nicht entschieden.",
    "No hemos decidido nada.",
    "Decision: none.",
    "Decision: should we go?",
    "The decision was hard.",
    "It will be done by the team.",
    "Prices will rise by 10%.",
    "This will end by Friday.",
    "Agreed - but what about costs.",
    "Decision:",
    "",
  ])("in %j", (text) => {
    expect(found(text).filter(([kind]) => kind !== "question")).toEqual([]);
  });

  it("that is a question or an own resolve of an agent's, or stands in a failure", () => {
    expect(found("Shall we go? I decided to look at it.", "agent")).toEqual([]);
    expect(found("We decided to go.", "failed_agent")).toEqual([]);
    expect(found("We decided to go.", "agent")).toEqual([["decision", "We decided to go."]]);
  });
});

it("keeps what it finds within bounds", () => {
  const many = Array.from({ length: 200 }, (_, place) => `Decision: number ${place}.`).join("\n");
  expect(found(many)).toHaveLength(50);
  expect(found(`Decision: ${"long ".repeat(300)}`)[0]?.[1]).toMatch(/^(long )+\[shortened\]$/);
});

it.each(["*", " ", "if ", ". ", "we decided, ", "A will b by ", "wir haben nicht ", '."', "- ", "TODO"])(
  "is done with a million characters of %j",
  (part) => {
    expect(found(part.repeat(1_000_000 / part.length), "agent").length).toBeLessThanOrEqual(50);
  },
);
