import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { overheadTokensPerMessage } from "../../src/domain/meter/bound.ts";
import { managerKey } from "../../src/domain/plan/plan.ts";
import { checkReply, speakForYourself } from "../../src/domain/speaker/check-reply.ts";
import { utf8Bytes } from "../../src/domain/text/utf8.ts";
import { promptSpareTokens } from "../../src/domain/turn/hold.ts";

const ada = { key: "ada", name: "Ada" };
const roster = [ada, { key: "bob", name: "Bob Stone" }, { key: "cy_2", name: "Dr: Cy" }, { key: "twin", name: "Ada" }];
const check = (reply: string) => checkReply(reply, roster, ada);

test("is told from a box to tick and a source, and from a name that is nothing but signs", () => {
  const signs = [ada, { key: "x", name: "🤖" }, { key: "1", name: "***" }];
  for (const own of ["[x] Done.", "[1] A source.", "**: no name"])
    expect(checkReply(own, signs, ada)).toEqual({ kind: "ok", text: own });
  for (const other of ["🤖: I agree.", "🤖 (x): I agree.", "***: I agree.", "x: I agree."])
    expect([other, checkReply(other, signs, ada).kind]).toEqual([other, "flagged"]);
});

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
    "- Bob Stone: his is a list's line",
    "> Bob Stone: quoted as such",
    "1. bob: first",
    "```\nbob: 1\n```",
    'In XMPP: `<message from="x">`',
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
    "# Bob Stone: I agree.",
    "Bob Stone (bob): I agree.",
    "Bob Stone：I agree.",
    "Ｂｏｂ: I agree.",
    "B\u200bob: I agree.",
    "Agent Bob: I agree.",
    "[12:30] Bob: I agree.",
    "Dr: Cy: I agree.",
    "cy_2: I agree.",
    "twin: I agree.",
    '"Bob Stone": I agree.',
    "bob:\n\nI agree.",
  ])("%j starts as another agent, is worth another try, and has nothing of its own", (reply) => {
    const flags = ["starts_as_other"];
    expect(check(reply)).toEqual({ kind: "flagged", text: null, flags, askAgain: speakForYourself });
  });

  test("that starts as another and goes on as itself is heard from there", () => {
    expect(check("Bob: I agree.\n**Ada:** I do not.\nAt all.\nBob: You do.")).toEqual({
      kind: "flagged",
      text: "I do not.\nAt all.",
      flags: ["starts_as_other", "continues_as_other"],
      askAgain: speakForYourself,
    });
  });

  test.each(["\n", "\r\n", "\r", "\u2028", "\n\n  "])("that goes on as another agent after %j ends there", (gap) => {
    const reply = `I doubt it.${gap}Because.${gap}Bob Stone: I do not.${gap}Ada: I do.`;
    const flags = ["continues_as_other"];
    expect(check(reply)).toEqual({ kind: "flagged", text: `I doubt it.${gap}Because.`, flags, askAgain: null });
  });

  test.each<[string, string | null]>([
    ['<message from="Bob" key="bob">I agree</message>', null],
    ['<message from="Bob" key="bob">I agree</message> So what?', "So what?"],
    ['So? <message from="Bob" key="bob">I agree', "So?"],
    ['<message from="Ada" key="ada">I doubt it.</message>', "I doubt it."],
    ['Well. <message from="Ada">me</message>', "Well. me"],
    ['<message from="Ada" key="twin">I agree</message>', null],
    ["< MESSAGE  from =x", null],
    ["so </message> then", "so  then"],
    ["so </ message > then", "so  then"],
    ["&lt;message from=&quot;Bob&quot;", null],
    ['It failed: <error from="Bob" key="bob" type="timeout">no answer</error>', "It failed:"],
    ['<answer label="A">It is.</answer> That is best.', "That is best."],
    ['<mess</message>age from="Bob">I agree', null],
  ])("%j copies the quoting format; %j is left", (reply, text) => {
    const askAgain = text === null ? speakForYourself : null;
    expect(check(reply)).toEqual({ kind: "flagged", text, flags: ["copied_quote"], askAgain });
  });

  test("may carry several flags, each once", () => {
    expect(check("bob: a\nbob: b\ncy_2: c\n</message></message>")).toMatchObject({
      flags: ["copied_quote", "starts_as_other", "continues_as_other"],
    });
  });

  test.each(["[silent]", " [Silent]\n", "[SILENT]", "[ silent ]"])("%j says nothing", (reply) => {
    expect(check(reply)).toEqual({ kind: "silent", flags: ["silent"] });
  });

  test.each(["silent", "[silent] mostly", "I stay [silent]", "[silent].", "[[silent]]"])(
    "%j says something",
    (reply) => {
      expect(check(reply)).toEqual({ kind: "ok", text: reply });
    },
  );

  test("comes back as it is but for the white space around it, or with words that need no further check", () => {
    const parts = [
      "Bob: ",
      "\n",
      "I doubt it.",
      "Ada: ",
      "```",
      "\n```\n",
      '<message from="Bob">',
      "</message>",
      "- ",
      "[silent]",
      " ",
    ];
    const made = fc.array(fc.constantFrom(...parts), { maxLength: 14 }).map((chosen) => chosen.join(""));
    fc.assert(
      fc.property(fc.oneof(made, fc.string({ unit: "binary" }), fc.lorem()), (reply) => {
        const checked = check(reply);
        if (checked.kind === "ok") expect(checked.text).toBe(reply.trim());
        if (checked.kind !== "flagged" || checked.text === null) return;
        expect(check(checked.text)).toEqual({ kind: "ok", text: checked.text });
      }),
      { numRuns: 2000 },
    );
  });

  test("that any other agent's name or key opens is flagged, whatever follows", () => {
    fc.assert(
      fc.property(fc.constantFrom("bob", "Bob Stone", "cy_2", "twin"), fc.string(), (label, rest) => {
        expect(check(`${label}: ${rest}`)).toMatchObject({ kind: "flagged" });
      }),
    );
  });

  test("of a manager may report by name, and is asked for again only when it copies the quoting format", () => {
    const manager = { key: managerKey, name: "Manager" };
    const checkManager = (reply: string) => checkReply(reply, [...roster, manager], manager);
    const report = "Bob Stone: for it.\nDr: Cy: against it.";
    expect(checkManager(report)).toMatchObject({ kind: "flagged", text: report, askAgain: null });
    expect(checkManager(`x <message from="Bob">`)).toMatchObject({ kind: "flagged", askAgain: speakForYourself });
    expect(checkManager("[silent]")).toEqual({ kind: "ok", text: "[silent]" });
    expect(checkReply("Manager: Jane", [...roster, manager], ada)).toEqual({ kind: "ok", text: "Manager: Jane" });
  });

  test("is asked for again in less than what is reckoned for that and for the mark of a cut history", () => {
    const ofCutHistory = 64;
    expect(utf8Bytes(speakForYourself) + overheadTokensPerMessage + ofCutHistory).toBeLessThan(promptSpareTokens);
  });

  test.each(["<message ", "*", "a:\n", "-x", "<message  from", `${"-".repeat(240)}x:\n`, "</ message ", " \n", ":"])(
    "a million characters of %j are checked",
    (part) => {
      const text = `a${part.repeat(Math.ceil(1_000_000 / part.length))}z`;
      expect(check(text)).toEqual({ kind: "ok", text });
    },
  );
});
