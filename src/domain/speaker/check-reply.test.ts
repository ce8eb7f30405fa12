import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkReply } from "./check-reply.ts";

const ada = { key: "ada", name: "Ada" };
const roster = [ada, { key: "bob", name: "Bob Stone" }, { key: "cy_2", name: "Dr: Cy" }, { key: "twin", name: "Ada" }];
const check = (reply: string) => checkReply(reply, roster, ada);

describe("a reply", () => {
  test.each(["", " ", "\n\t \u00a0\ufeff"])("of white space alone (%j) is empty", (reply) => {
    expect(check(reply)).toEqual({ kind: "empty" });
  });

  test.each([
    "I doubt it.",
    "Ada: I doubt it.",
    "ada: still me",
    "I agree with Bob Stone: it is so.",
    "Bob Stone, you are wrong.",
    "Bobby: a name that is nobody's",
    "Note: see above",
    "<b>bold</b> and <message> alone and a </div>",
    "a message from = nobody",
    "http://bob: odd",
    "12:30",
  ])("%j is the agent's own voice", (reply) => {
    expect(check(`  ${reply}\n`)).toEqual({ kind: "ok", text: reply });
  });

  test.each([
    "Bob Stone: I agree.",
    "bob: I agree.",
    "BOB STONE: I agree.",
    "**Bob Stone:** I agree.",
    "**Bob Stone**: I agree.",
    "[Bob Stone]: I agree.",
    "@bob: I agree.",
    "> Bob Stone: I agree.",
    "# Bob Stone: I agree.",
    "Bob Stone (bob): I agree.",
    "Bob Stone：I agree.",
    "Ｂｏｂ: I agree.",
    "Dr: Cy: I agree.",
    "cy_2: I agree.",
    "twin: I agree.",
    '"Bob Stone": I agree.',
  ])("%j starts as another agent", (reply) => {
    expect(check(reply)).toEqual({ kind: "flagged", text: reply, flags: ["starts_as_other"] });
  });

  test.each(["\n", "\r\n", "\r", "\u2028", "\n\n  "])("that goes on as another agent after %j is flagged", (gap) => {
    const reply = `I doubt it.${gap}Bob Stone: I do not.`;
    expect(check(reply)).toEqual({ kind: "flagged", text: reply, flags: ["continues_as_other"] });
  });

  test.each([
    '<message from="Bob" key="bob">I agree</message>',
    'Well. <message from="Ada">me</message>',
    "< MESSAGE  from =x",
    "so </message> then",
    "so </ message > then",
    "&lt;message from=&quot;Bob&quot;",
    '<error from="Bob" key="bob" type="timeout">',
  ])("%j copies the quoting format", (reply) => {
    expect(check(reply)).toEqual({ kind: "flagged", text: reply, flags: ["copied_quote"] });
  });

  test("may carry several flags, each once", () => {
    expect(check("bob: a\nbob: b\ncy_2: c\n</message></message>")).toMatchObject({
      flags: ["copied_quote", "starts_as_other", "continues_as_other"],
    });
  });

  test("is never changed but for the white space around it", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.lorem()), (reply) => {
        const checked = check(reply);
        expect(checked.kind === "empty" ? "" : checked.text).toBe(reply.trim());
      }),
    );
  });

  test("that any other agent's name or key opens is flagged, whatever follows", () => {
    fc.assert(
      fc.property(fc.constantFrom("bob", "Bob Stone", "cy_2", "twin"), fc.string(), (label, rest) => {
        expect(check(`${label}: ${rest}`)).toMatchObject({ kind: "flagged" });
      }),
    );
  });

  test.each(["<message ", "*", "a:\n", "-x", "<message  from", `${"-".repeat(240)}x:\n`, "</ message ", " \n", ":"])(
    "a million characters of %j are checked",
    (part) => {
      const text = `a${part.repeat(Math.ceil(1_000_000 / part.length))}z`;
      expect(check(text)).toEqual({ kind: "ok", text });
    },
  );
});
