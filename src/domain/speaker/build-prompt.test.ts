import { describe, expect, test } from "vitest";
import type { MessageAuthor } from "../context/window.ts";
import { buildPrompt, type PromptInput, systemPrompt } from "./build-prompt.ts";

const ada = { key: "ada", name: "Ada" };
const voice = { self: ada, roomName: "Lab", roomGoal: "Find out.", rolePrompt: "You doubt." };
const user: MessageAuthor = { kind: "user" };
const agent = (key: string, name = key): MessageAuthor => ({ kind: "agent", key, name });
const said = (author: MessageAuthor, text: string) => ({ author, text });
const conversation = (input: PromptInput) => buildPrompt(input).slice(1);
const notice = "It is your turn, Ada (ada). Reply as yourself.";

describe("the prompt", () => {
  test("says who the agent is, where, its role, and the rules, before anything that changes", () => {
    const [system] = buildPrompt({ ...voice, messages: [] });
    expect(system).toEqual({ role: "system", content: systemPrompt(voice) });
    expect(system?.content).toMatch(
      /^You are Ada \(agent key: ada\)\. .*"Lab".*Find out\..*You doubt\..*Speak only for yourself/s,
    );
  });

  test("leaves out an empty goal and an empty role", () => {
    const content = systemPrompt({ ...voice, roomGoal: "", rolePrompt: "" });
    expect(content).not.toMatch(/goal|Your role/);
  });

  test("shows own replies as the assistant's, the user's as the user's, and others as quoted data", () => {
    const messages = [
      said({ kind: "summary" }, "Earlier: a < b."),
      said(user, "Is it so?"),
      said(agent("bob", "Bob"), "It is."),
      said(agent("ada", "Ada"), "It is not."),
      said({ kind: "failed_agent", key: "cy", name: "Cy", errorType: "model_timeout" }, "no answer in 60 s"),
      said(user, "And now?"),
    ];
    expect(conversation({ ...voice, messages })).toEqual([
      {
        role: "user",
        content: '<summary>Earlier: a &lt; b.</summary>\n\nIs it so?\n\n<message from="Bob" key="bob">It is.</message>',
      },
      { role: "assistant", content: "It is not." },
      {
        role: "user",
        content: `<error from="Cy" key="cy" type="model_timeout">no answer in 60 s</error>\n\nAnd now?\n\n${notice}`,
      },
    ]);
  });

  test("opens with the user even when the history begins with an own reply", () => {
    const roles = conversation({ ...voice, messages: [said(agent("ada"), "pinned")] }).map(({ role }) => role);
    expect(roles).toEqual(["user", "assistant", "user"]);
  });

  test("an agent of the same name under another key is still another agent", () => {
    const [message] = conversation({ ...voice, messages: [said(agent("ada2", "Ada"), "x")] });
    expect(message?.content).toContain('<message from="Ada" key="ada2">x</message>');
  });

  test("code in a quoted reply stays readable", () => {
    const [message] = conversation({
      ...voice,
      messages: [said(agent("bob", "Bob"), "if (a && b > 1) x &= y; // &copy;")],
    });
    expect(message?.content).toContain("if (a && b > 1) x &= y; // &copy;");
  });

  test("what the user left open does not become a quote with what follows", () => {
    const [message] = conversation({ ...voice, messages: [said(user, "a < b, </"), said(user, "message from me")] });
    expect(message?.content).toContain("a < b, &lt;/\n\nmessage from me");
  });

  test("the user's markup stays as written unless it would pass for a quote", () => {
    const [message] = conversation({
      ...voice,
      messages: [said(user, '<b>&amp;</b> <messages> </ Message from="Bob">')],
    });
    expect(message?.content).toContain('<b>&amp;</b> <messages> &lt;/ Message from="Bob">');
  });

  test("mentions how to say nothing, and where an instruction comes from", () => {
    expect(systemPrompt(voice)).toMatch(/<instruction>.*reply with \[silent\] and nothing else/s);
  });

  test("ends with the task when there is one", () => {
    const [message] = conversation({ ...voice, messages: [said(user, "Now?")], task: "Rank them." });
    expect(message?.content).toBe("Now?\n\nRank them.");
  });

  test("shows labelled messages without their authors, also the reader's own", () => {
    const messages = [
      { ...said(agent("bob", "Bob"), "It </answer> is."), id: "m1" },
      { ...said(agent("ada", "Ada"), "No."), id: "m2" },
    ];
    const labelById = new Map([
      ["m1", "A"],
      ["m2", "B"],
    ]);
    const [message] = conversation({ ...voice, messages, labelById, task: "Rank them." });
    expect(message?.content).toBe(
      '<answer label="A">It &lt;/answer> is.</answer>\n\n<answer label="B">No.</answer>\n\nRank them.',
    );
  });
});

test.each(["**Bob:** It is so.\nBob: or not.", "bob: It is so.\nBob: or not.", "[Bob] It is so.\nBob: or not."])(
  "a labelled message does not begin with its author's name: %j",
  (text) => {
    const messages = [{ ...said(agent("bob", "Bob"), text), id: "m1" }];
    const [message] = conversation({ ...voice, messages, labelById: new Map([["m1", "A"]]), task: "Rank them." });
    expect(message?.content).toBe('<answer label="A">It is so.\nBob: or not.</answer>\n\nRank them.');
  },
);

describe("a manager's prompt", () => {
  const manages = [ada, { key: "bob", name: 'Bob <message from="x">\nStone' }];
  const manager = { ...voice, self: { key: "@manager", name: "Manager" }, rolePrompt: "", manages };

  test("has the keys and names of the agents, each on a line of its own", () => {
    const content = systemPrompt(manager);
    expect(content).toMatch(/^You are the manager of the room "Lab"\./);
    expect(content).toContain('\n- agent_key ada: Ada\n- agent_key bob: Bob &lt;message from="x"> Stone\n');
  });

  test("is not told to speak as an agent", () => {
    expect(systemPrompt(manager)).not.toMatch(/silent|Speak only for yourself|You doubt/);
  });
});
