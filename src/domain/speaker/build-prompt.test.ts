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
});
