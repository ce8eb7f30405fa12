import { describe, expect, it } from "vitest";
import type { MessageAuthor } from "../../src/domain/context/window.ts";
import { evaluatePurpose } from "../../src/domain/modes/purpose-manage.ts";
import { rankPurpose } from "../../src/domain/modes/purpose-rank.ts";
import { agentPurpose } from "../../src/domain/modes/purpose-words.ts";
import { managerKey } from "../../src/domain/plan/plan.ts";
import { buildPrompt } from "../../src/domain/speaker/build-prompt.ts";
import { checkReply } from "../../src/domain/speaker/check-reply.ts";
import { ada, impersonations, seatedSpeakers } from "../fixtures/impersonations.ts";
import { injections } from "../fixtures/injections.ts";
import { lookAlikes } from "../fixtures/look-alikes.ts";
import { said, taskInput } from "../fixtures/task-input.ts";

const reader = { self: { key: "eve", name: "Ève" }, roomName: "Lab", roomGoal: "", rolePrompt: "" };
const user: MessageAuthor = { kind: "user" };
const bob = { key: "bob", name: "Bob Stone" };
const corpus = [...injections, ...impersonations.map(({ reply }) => reply)];

/** Where another's words may stand in a prompt, each between two messages of the user. */
const places: Readonly<Record<string, (text: string) => string>> = {
  message: (text) => promptOf({ author: { kind: "agent", ...bob }, text }),
  failure: (text) => promptOf({ author: { kind: "failed_agent", ...bob, errorType: "refused" }, text }),
  summary: (text) => promptOf({ author: { kind: "summary" }, text }),
  answer: (text) => promptOf({ author: { kind: "agent", key: "zed", name: "Zed" }, text, id: "m1" }),
  instruction: (text) => {
    const input = taskInput("agent", "dan");
    const task = agentPurpose.task({ ...input, step: { ...input.step, instruction: text } });
    return flat(buildPrompt({ ...reader, messages: [{ author: user, text: "Before." }], task }));
  },
};

function promptOf(message: { readonly author: MessageAuthor; readonly text: string; readonly id?: string }): string {
  const messages = [{ author: user, text: "Before." }, message, { author: user, text: "After." }];
  return flat(buildPrompt({ ...reader, messages, labelById: new Map([["m1", "A"]]) }));
}

function flat(prompt: ReturnType<typeof buildPrompt>): string {
  return prompt.map(({ role, content }) => `[${role}]${content}`).join("\n");
}

function decode(body: string): string {
  return body.replace(/&(amp|lt);/g, (_, entity) => (entity === "lt" ? "<" : "&"));
}

/** All that differs from the prompt of a harmless text is within one element, which holds the text and no mark. */
function isContained(place: (text: string) => string, text: string): boolean {
  const [before = "", after = ""] = place("HARMLESS").split("HARMLESS");
  const prompt = place(text);
  const body = prompt.slice(before.length, prompt.length - after.length);
  return prompt.startsWith(before) && prompt.endsWith(after) && !body.includes("<") && decode(body) === text;
}

function tell(what: string, passed: number, of: number): void {
  console.log(`speaker corpus: ${what}: ${passed} of ${of} (${((100 * passed) / of).toFixed(1)} %)`);
}

it("is large enough, and has nothing twice", () => {
  expect(corpus.length).toBeGreaterThanOrEqual(200);
  expect(lookAlikes.length).toBeGreaterThanOrEqual(40);
  expect(new Set(corpus).size).toBe(corpus.length);
});

describe("what another said", () => {
  it.each(Object.entries(places))("stays in its element as a %s", (name, place) => {
    const escaped = corpus.filter((text) => !isContained(place, text));
    tell(`contained as a ${name}`, corpus.length - escaped.length, corpus.length);
    expect(escaped).toEqual([]);
  });

  it("is never the reader's own word", () => {
    for (const [name, place] of Object.entries(places))
      for (const text of corpus)
        expect([name, place(text).includes("[assistant]")]).toEqual([name, text.includes("[assistant]")]);
  });

  it("cannot pass for a quote when the user repeats it", () => {
    const marks = /<[\s/]*(?:message|error|summary|answer|instruction)(?![\p{L}\p{N}])/giu;
    const harmless = promptOf({ author: user, text: "HARMLESS" }).match(marks)?.length;
    const forging = corpus.filter((text) => promptOf({ author: user, text }).match(marks)?.length !== harmless);
    tell("repeated by the user", corpus.length - forging.length, corpus.length);
    expect(forging).toEqual([]);
  });

  it("changes no task, form or choice of the manager, and no other agent's", () => {
    const withText = (text: string) => ({ ...said("bob"), text });
    const asked = (text: string) => {
      const managing = taskInput("evaluate", managerKey, { seen: [withText(text)] });
      const ranking = taskInput("rank", "ada", { seen: [withText(text)] });
      return [evaluatePurpose, rankPurpose].flatMap(({ task, format, fallback }, at) => {
        const input = at === 0 ? managing : ranking;
        return [task(input), format(input), fallback(input)];
      });
    };
    const harmless = asked("HARMLESS");
    for (const text of corpus) expect(asked(text)).toEqual(harmless);
  });
});

describe("a reply in another's name", () => {
  it("is flagged, and what is left of it is the agent's own", () => {
    const missed = impersonations.filter(({ reply, own, flags }) => {
      const checked = checkReply(reply, seatedSpeakers, ada);
      return checked.kind !== "flagged" || checked.text !== own || checked.flags.join() !== flags.join();
    });
    tell("impersonations flagged and trimmed", impersonations.length - missed.length, impersonations.length);
    expect(missed).toEqual([]);
  });

  it("is asked for again where it began so or nothing is left, and only there", () => {
    for (const { reply, own, flags } of impersonations) {
      const checked = checkReply(reply, seatedSpeakers, ada);
      const isAsked = checked.kind === "flagged" && checked.askAgain !== null;
      expect([reply, isAsked]).toEqual([reply, own === null || flags.includes("starts_as_other")]);
    }
  });
});

it("leaves alone what only looks alike", () => {
  const touched = lookAlikes.filter((reply) => {
    const checked = checkReply(`\n${reply} `, seatedSpeakers, ada);
    return checked.kind !== "ok" || checked.text !== reply;
  });
  tell("look-alikes untouched", lookAlikes.length - touched.length, lookAlikes.length);
  expect(touched).toEqual([]);
});
