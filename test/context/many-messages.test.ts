import { afterAll, describe, expect, it } from "vitest";
import { messageTokens, quotedTokens } from "../../src/domain/turn/said.ts";
import { bounded, printFigures } from "../support/processor-time.ts";
import { said, windowOf } from "../support/said.ts";
import { agents, drafted, fill, prepare } from "./cpu-kit.ts";

afterAll(printFigures);

describe("as many short messages as no step is given", () => {
  const texts = ["ok", "<", "@ada", "👍", "no\n"];
  const messages = Array.from({ length: 20_000 }, (_, place) => {
    const text = texts[place % texts.length] ?? "";
    const author =
      place % 10 === 0
        ? ({ author: "user" } as const)
        : ({ author: "agent", agent_key: "bob", agent_name: "bob" } as const);
    return said({
      id: `m${place}`,
      turn_index: 1 + Math.floor(place / 10),
      position: place % 10,
      ...author,
      text,
      ...messageTokens(text),
    });
  });

  /** How often something is read of a message while the first so many of them are made a prompt. */
  function readsFor(count: number, context_limit: number): number {
    let reads = 0;
    const counted = messages.slice(0, count).map(
      (message) =>
        new Proxy(message, {
          get: (target, property, receiver) => {
            reads += 1;
            return Reflect.get(target, property, receiver);
          },
        }),
    );
    const { plan } = drafted({ agents: agents.map((agent) => ({ ...agent, context_limit })) });
    prepare(plan, counted, [said({ turn_index: 1 + count / 10 })]);
    return reads;
  }

  it.each([1_048_576, 128_000, 8192])(
    "are made a prompt in work that grows with their number, in a window of %i tokens",
    (limit) => {
      const { plan } = drafted({ agents: agents.map((agent) => ({ ...agent, context_limit: limit })) });
      const current = [said({ turn_index: 2001 })];
      const call = bounded(`20,000 messages, window of ${limit}`, () => prepare(plan, messages, current));
      expect(call.audit.includedMessageIds.length + call.audit.cuts.length).toBe(20_001);
      expect(readsFor(20_000, limit)).toBeLessThanOrEqual(2.1 * readsFor(10_000, limit));
      expect(call.rejected).toBeNull();
    },
  );
});

describe("a turn of a full room", () => {
  const seats = Array.from({ length: 50 }, (_, place) => ({ key: `agent${place}`, name: `Agent ${place}` }));
  const all = seats.map(({ key }) => `@${key}`).join(" ");
  /** Four turns in which everyone spoke in each of five rounds. */
  const recent = Array.from({ length: 4 * 251 }, (_, place) => {
    const seat = seats[place % seats.length];
    const at = { id: `m${place}`, turn_index: 1 + Math.floor(place / 251), position: place % 251, text: "ok" };
    const author = { author: "agent", agent_key: seat?.key ?? "", agent_name: seat?.name ?? "" } as const;
    return said({ ...at, ...(place % 251 === 0 ? {} : author), ...quotedTokens("ok") });
  });

  it.each(["manual", "council", "roundtable"] as const)("that is a %s is drafted for all of its agents", (mode) => {
    const seated = seats.flatMap((seat) => agents.slice(0, 1).map((agent) => ({ ...agent, ...seat })));
    const message = `${all} ${fill("word <and> 日本語 ")}`;
    const made = { mode, rounds: 5, agents: seated, turnIndex: 5, window: windowOf(recent), message };
    const draft = bounded(`draft: a ${mode} of fifty`, () => drafted(made));
    expect(draft.oversize).toBeNull();
    expect(draft.plan.agents.length).toBeGreaterThanOrEqual(50);
  });
});
