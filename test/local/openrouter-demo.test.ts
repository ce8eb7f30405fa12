import { describe, expect, it } from "vitest";
import { readScene } from "../../src/local/openrouter/actor/scene.ts";
import { speak } from "../../src/local/openrouter/actor/speak.ts";
import { chooseToolCalls } from "../../src/local/openrouter/actor/use-tools.ts";
import { ChatRequest } from "../../src/local/openrouter/wire.ts";

const roles = ["planner", "sceptical critic", "backend engineer", "economist", "customer", "moderator"] as const;

const questions = [
  "Should we move our billing to usage-based pricing next quarter?",
  "How do I teach my ten-year-old to like mathematics?",
  "Plan a two-day offsite in Lisbon for twelve people.",
  "Hi",
  "Что важнее для стартапа: скорость или качество?",
  "$& $1 {matter} {speaker}?",
] as const;

const quoted = `<message from="Ada" key="ada">Begin with ten customers.</message>
<message from="Ben" key="ben">I doubt the numbers &amp; the date.</message>`;

type Turn = { readonly role: string; readonly content: string };

function prompt(system: string, ...turns: readonly (string | Turn)[]): ChatRequest {
  const said = turns.map((turn) => (typeof turn === "string" ? { role: "user", content: turn } : turn));
  return ChatRequest.parse({ model: "openai/gpt-4o", messages: [{ role: "system", content: system }, ...said] });
}

function say(role: string, ...turns: readonly (string | Turn)[]): string {
  return speak(readScene(prompt(`You are Zoe, a ${role}.`, ...turns)));
}

describe("a demo reply", () => {
  it.each(questions)("has 55 to 150 whole words for every role: %s", (question) => {
    for (const role of [...roles, "gardener"]) {
      for (const text of [say(role, question), say(role, `${question}\n\n${quoted}\n\nYour turn.`)]) {
        const words = text.split(/\s+/u).length;
        expect(words).toBeGreaterThanOrEqual(55);
        expect(words).toBeLessThanOrEqual(150);
        expect(text).toMatch(/^[^\p{Ll}].*[.!?”]$/su);
        expect(text).not.toMatch(/undefined|\{quote\}/iu);
      }
    }
  });

  it("names the question and answers the last speakers by name", () => {
    for (const role of roles) {
      const text = say(role, `${questions[0]}\n\n${quoted}\n\nYour turn.`);
      expect(text).toContain("“Should we move our billing to usage-based pricing next quarter?”");
      expect(text).toMatch(/Ada.*“Begin with ten customers”|“Begin with ten customers”.*Ada/su);
      expect(text).toContain("“I doubt the numbers & the date”");
    }
  });

  it("differs from role to role and from question to question, and repeats itself exactly", () => {
    const all = () => roles.flatMap((role) => questions.map((question) => say(role, question)));
    expect(new Set(all()).size).toBe(roles.length * questions.length);
    expect(all()).toEqual(all());
  });

  it("has the role that is named first, and one of its own for a role that nobody knows", () => {
    const opening = (system: string) => speak(readScene(prompt(system, "Go?"))).split(".")[0];
    expect(opening("You are Ada, a planner.\nOthers here: Ben (critic).")).toBe(opening("You are Ada, a planner."));
    const strangers = Array.from({ length: 20 }, (_, index) => opening(`You are number ${index}.`));
    expect(new Set(strangers).size).toBeGreaterThan(3);
  });

  it("tells what tools have answered", () => {
    const answered = { role: "tool", tool_call_id: "call_1", content: "391" };
    expect(say("planner", "What is 17 * 23?", { role: "assistant", content: "" }, answered as Turn)).toMatch(
      /^The tool answers: 391\./u,
    );
  });
});

describe("the question of a prompt", () => {
  const questionIn = (...turns: readonly (string | Turn)[]) => readScene(prompt("You are Zoe.", ...turns)).question;
  const own = { role: "assistant", content: "Mine." };

  it("is all that is asked, or what stands before the quotes and the task", () => {
    expect(questionIn("Which database?")).toBe("Which database?");
    expect(questionIn(`Which database?\n\n${quoted}\n\nIt is your turn.`)).toBe("Which database?");
    expect(questionIn(`An older one?\n\n${quoted}\n\n@zoe Which database?\n\nIt is your turn.`)).toBe(
      "Which database?",
    );
  });

  it("is none where only a task is left", () => {
    expect(questionIn("Which database?", own, "It is your turn.")).toBeUndefined();
    expect(questionIn("Which database?", own, `${quoted}\n\nIt is your turn.`)).toBeUndefined();
    expect(questionIn(`${"long ".repeat(50)}?\n\nIt is your turn.`)).toBeUndefined();
  });

  it("survives unclosed and nested elements by the thousand", () => {
    const hostile = '<message from="Ada">'.repeat(20_000);
    expect(readScene(prompt("You are Zoe.", `${hostile} Why?`)).quotes).toEqual([]);
  });
});

describe("a tool that a demo reply calls", () => {
  const expression = { type: "object", properties: { expression: { type: "string" } }, required: ["expression"] };
  const callsOf = (name: string, question: string, parameters: object = { type: "object" }) => {
    const tools = [{ type: "function", function: { name, parameters } }];
    const request = ChatRequest.parse({ ...prompt("You are Zoe.", question), tools });
    return chooseToolCalls(request, readScene(request)).map(({ function: called }) => called);
  };

  it.each([
    ["What is 17 * 23?", "17 * 23"],
    ["Work out (3 + 4) * 2.5 for me", "(3 + 4) * 2.5"],
  ])("gets the arithmetic in %s", (question, text) => {
    const [called] = callsOf("calculator", question, expression);
    expect(JSON.parse(called?.arguments ?? "")).toEqual({ expression: text });
  });

  it("is one whose name the question says, and none without a reason", () => {
    expect(callsOf("send_invite", "Send an invite to Grace.")).toMatchObject([{ name: "send_invite" }]);
    expect(callsOf("send_invite", "Who is Grace?")).toEqual([]);
    expect(callsOf("calculator", "In 2026 we had 3 people", expression)).toEqual([]);
  });
});
