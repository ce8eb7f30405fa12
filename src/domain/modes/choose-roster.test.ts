import { expect, it } from "vitest";
import { chooseRoster } from "./choose-roster.ts";

const seated = ["ada", "Bob", "cyd"];

it.each([
  ["manual", "@BOB then @ada, @bob", ["Bob", "ada"]],
  ["roundtable", "Hello", ["ada", "Bob", "cyd"]],
  ["roundtable", "@cyd, @ada", ["cyd", "ada"]],
  ["roundtable", "as @zoe said", ["ada", "Bob", "cyd"]],
  ["roundtable", "mail ada@cyd.example", ["ada", "Bob", "cyd"]],
  ["orchestrator", "only @bob", ["Bob"]],
  ["council", "Hello", ["ada", "Bob", "cyd"]],
  ["debate", "@cyd against @ada", ["cyd", "ada"]],
] as const)("lets speak in a %s turn of %j: %j", (mode, message, agentKeys) => {
  expect(chooseRoster(mode, message, seated)).toEqual({ kind: "chosen", agentKeys });
});

it.each([
  ["manual", "Hello", seated, "no_valid_tagged_agents"],
  ["manual", "mail ada@bob.example", seated, "no_valid_tagged_agents"],
  ["manual", "@ada and @zoe", seated, "unknown_tagged_agent"],
  ["manual", "@ada", [], "no_room_agents"],
  ["roundtable", "Hello", [], "no_room_agents"],
  ["orchestrator", "Hello", [], "no_room_agents"],
  ["council", "@ada", seated, "no_room_agents"],
  ["debate", "Hello", ["ada"], "no_room_agents"],
] as const)("refuses in a %s turn of %j among %j: %s", (mode, message, keys, code) => {
  expect(chooseRoster(mode, message, keys)).toMatchObject({ kind: "refused", code });
});

it("names the unknown agent as the message spells it", () => {
  expect(chooseRoster("manual", "@Zoe", seated)).toMatchObject({ message: expect.stringContaining("Zoe") });
});

it("says how many agents a mode needs and who there would be", () => {
  expect(chooseRoster("debate", "@ada alone", seated)).toMatchObject({
    message: "A debate turn needs at least 2 agents; this one would have 1: ada.",
  });
});
