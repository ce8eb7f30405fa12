import { describe, expect, it } from "vitest";
import { readConversation } from "../../src/local/openrouter/conversation.ts";
import { speak, voiceOf } from "../../src/local/openrouter/speak.ts";
import { findArithmetic } from "../../src/local/openrouter/tool-use.ts";
import { findTopics } from "../../src/local/openrouter/topics.ts";
import { ChatRequest } from "../../src/local/openrouter/wire.ts";

const roles = [
  "planner",
  "sceptical critic",
  "backend engineer",
  "researcher",
  "writer",
  "economist",
  "lawyer",
  "growth marketer",
  "UX designer",
  "gardener",
  "moderator who synthesizes",
] as const;

const questions = [
  "Should we move our billing to usage-based pricing next quarter?",
  "How do I teach my ten-year-old to like mathematics?",
  "Is Postgres row-level security enough for tenant isolation?",
  "Plan a two-day offsite in Lisbon for twelve people.",
  "Hi",
  "Что важнее для стартапа: скорость или качество?",
  "$& $1 {topic} {speaker}?",
] as const;

function prompt(system: string, ...user: readonly string[]): ChatRequest {
  const messages = user.map((content) => ({ role: "user", content }));
  return ChatRequest.parse({ model: "openai/gpt-4o", messages: [{ role: "system", content: system }, ...messages] });
}

function say(role: string, ...user: readonly string[]): string {
  return speak(readConversation(prompt(`You are Zoe, a ${role}.`, ...user)));
}

const quoted = `<message from="Ada" key="ada">Begin with ten customers.</message>
<message from="Ben" key="ben">I doubt the numbers &amp; the date.</message>`;

describe("a demo reply", () => {
  it.each(questions)("has 60 to 140 whole words for every role: %s", (question) => {
    for (const role of roles) {
      for (const text of [say(role, question), say(role, `${quoted}\n\n${question}`)]) {
        const words = text.split(/\s+/u).length;
        expect(words).toBeGreaterThanOrEqual(60);
        expect(words).toBeLessThanOrEqual(140);
        expect(text).toMatch(/^[^\p{Ll}].*[.!?”]$/su);
        expect(text).not.toMatch(/As an AI|lorem ipsum|undefined|\{aspect\}/iu);
      }
    }
  });

  it("speaks about the question and answers the last speakers by name", () => {
    for (const role of roles) {
      const text = say(role, `${quoted}\n\n${questions[0]}`);
      expect(text).toContain("usage-based pricing");
      expect(text).toContain("Ada");
      expect(text).toContain("Ben");
    }
  });

  it("differs from role to role and from question to question, and repeats itself exactly", () => {
    const texts = roles.flatMap((role) => questions.slice(0, 4).map((question) => say(role, question)));
    expect(new Set(texts).size).toBe(texts.length);
    expect(roles.flatMap((role) => questions.slice(0, 4).map((question) => say(role, question)))).toEqual(texts);
  });

  it("finds the voice in the role and not in the names of others", () => {
    expect(voiceOf("You are Ada, a planner.\nOthers here: Ben (critic), Cleo (engineer).").name).toBe("planner");
    expect(voiceOf("You are one of several agents.\nRole: challenge every claim as a critic.").name).toBe("critic");
    expect(voiceOf("Explain plainly.").name).toBe("generalist");
  });
});

describe("reading a prompt", () => {
  it.each([
    ["tags", quoted],
    [
      "JSON lines",
      '{"speaker":"Ada","text":"Begin with ten customers."}\n{"speaker":"Ben","text":"I doubt the numbers & the date."}',
    ],
    [
      "a JSON array",
      '[{"from":"Ada","content":"Begin with ten customers."},{"from":"Ben","content":"I doubt the numbers & the date."}]',
    ],
    ["bracketed names", "[Ada]: Begin with ten customers.\n[Ben]: I doubt the numbers & the date."],
    ["tags within a wrapper", `<conversation>\n${quoted}\n</conversation>`],
  ])("tells the speakers from the question in %s", (_, block) => {
    const read = readConversation(prompt("You are Zoe.", `${block}\n\nShould we go?`));
    expect(read.earlier).toEqual([
      { speaker: "Ada", text: "Begin with ten customers." },
      { speaker: "Ben", text: "I doubt the numbers & the date." },
    ]);
    expect(read.question).toBe("Should we go?");
  });

  it("takes the user's quoted words for the question and leaves its own out", () => {
    const block = '<message from="Dana" role="user">Which database?</message><message from="Zoe">Mine.</message>';
    const read = readConversation(prompt("You are Zoe.", `${block}\nIt is your turn now. Answer as Zoe.`));
    expect(read).toMatchObject({ question: "Which database?", earlier: [] });
  });

  it.each([
    ["keys of tags", 'Agents: <agent key="ada"/> <agent key="ben"/>'],
    ["keys in JSON", '[{"agent_key":"ada"},{"agent_key": "ben"}]'],
    ["tags of mentions", "Available: @ada and @ben."],
    ["a list", "Agents:\n- ada: plans\n- ben (critic)"],
  ])("finds agent keys in %s", (_, system) => {
    expect(readConversation(prompt(system, "Go?")).agentKeys).toEqual(["ada", "ben"]);
  });

  it("survives unclosed and nested tags by the thousand", () => {
    const hostile = '<message from="Ada">'.repeat(20_000);
    expect(readConversation(prompt("You are Zoe.", `${hostile} Why?`)).earlier).toEqual([]);
  });

  it("finds what a question is about", () => {
    expect(findTopics(questions[0])).toEqual({ topic: "usage-based pricing", aspect: "our billing" });
    expect(findTopics("").topic).toBe("this question");
  });

  it.each([
    ["What is 17 * 23?", "17 * 23"],
    ["Work out (3 + 4) * 2.5 for me", "(3 + 4) * 2.5"],
    ["In 2026 we had 3 people", undefined],
  ])("finds the arithmetic in %s", (text, expression) => {
    expect(findArithmetic(text)).toBe(expression);
  });
});
