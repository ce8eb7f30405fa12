import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  addText,
  afterSending,
  beginReply,
  type DeltaBuffer,
  type Piece,
  pauseAfter,
  takePiece,
} from "./delta-buffer.ts";

const Step = fc.record({ text: fc.string({ maxLength: 20 }), isSent: fc.boolean(), listeners: fc.nat({ max: 2 }) });

/** Says each text, and sends now and then to as many as there are. */
function speak(steps: readonly { text: string; isSent: boolean; listeners: number }[]) {
  let buffer: DeltaBuffer = beginReply("1.0");
  const heard: Piece[] = [];
  for (const { text, isSent, listeners } of steps) {
    buffer = addText(buffer, text);
    const { piece, rest } = isSent ? takePiece(buffer) : { piece: null, rest: buffer };
    buffer = piece === null ? rest : afterSending(rest, piece, listeners);
    if (piece !== null && listeners > 0) heard.push(piece);
  }
  return { heard, buffer };
}

describe("the pieces of a reply", () => {
  test("that are heard follow each other from its beginning, whoever was not there yet", () => {
    fc.assert(
      fc.property(fc.array(Step, { maxLength: 40 }), (steps) => {
        const whole = steps.map(({ text }) => text).join("");
        const { heard, buffer } = speak(steps);
        expect(heard.map(({ text }) => text).join("") + buffer.pending).toBe(whole);
        for (const { offset, text } of heard) expect(whole.startsWith(text, offset)).toBe(true);
      }),
    );
  });

  test("are let go once nobody has listened for long", () => {
    const page = "x".repeat(10_000);
    const { heard } = speak([
      { text: page, isSent: true, listeners: 0 },
      { text: page, isSent: true, listeners: 0 },
      { text: "end", isSent: true, listeners: 1 },
    ]);
    expect(heard).toEqual([{ attempt: "1.0", offset: 20_000, text: "end" }]);
  });

  test("do not go out twice when nobody knows whether they were heard", () => {
    const { piece, rest } = takePiece(addText(beginReply("1.0"), "Hel"));
    if (piece === null) throw new Error("there is a piece");
    expect(afterSending(addText(rest, "lo"), piece, null)).toMatchObject({ offset: 3, pending: "lo", unheard: 1 });
  });

  test("of an attempt that is over do not come back in the next", () => {
    const lost = { attempt: "1.0", offset: 0, text: "gone" };
    expect(afterSending(addText(beginReply("1.1"), "new"), lost, 0)).toMatchObject({ offset: 0, pending: "new" });
  });

  test.each([
    [{ sent: 1, unheard: 0 }, 100],
    [{ sent: 49, unheard: 0 }, 100],
    [{ sent: 50, unheard: 0 }, 200],
    [{ sent: 500, unheard: 0 }, 1100],
    [{ sent: 1, unheard: 1 }, 100],
    [{ sent: 4, unheard: 4 }, 800],
    [{ sent: 9, unheard: 9 }, 1000],
  ])("leave a pause: after %j, %d ms", (buffer, pauseMs) => {
    expect(pauseAfter(buffer)).toBe(pauseMs);
  });
});
