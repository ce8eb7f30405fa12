import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { WebhookBody } from "../../contract/webhook-bodies.ts";
import { maxBodyBytes, writeBody } from "./write-body.ts";

const id = "019ab3c4-0000-7000-8000-000000000000";
const timestamp = "2026-11-21T12:00:00.000Z";
const bytesOf = (text: string) => new TextEncoder().encode(text).length;

const unit = fc.oneof(
  fc.constantFrom(
    "a",
    '"',
    "\\",
    "\n",
    "\u0001",
    "é",
    "漢",
    "🏛️",
    "👩‍🚀",
    "\ud800",
    "\udc00",
    "\u2028",
    "/",
    "</script>",
  ),
  fc.string({ unit: "binary", minLength: 1, maxLength: 3 }),
);
/** From nothing to many times what fits, its end anywhere in a character's bytes. */
const anyText = fc
  .tuple(fc.array(unit, { maxLength: 12 }), fc.integer({ min: 0, max: 6_000 }), fc.string({ unit: "binary" }))
  .map(([units, times, end]) => units.join("").repeat(times).slice(0, 60_000) + end);

const completed = (text: string) => ({
  type: "message.completed",
  timestamp,
  data: {
    turn_id: id,
    seq: 4,
    type: "message.completed",
    data: { step_id: id, agent_key: "ada", agent_name: "Ada", round: 1, message_id: id, text },
    created_at: timestamp,
  },
});

const line = (data: object) => ({ ...completed(""), data: { ...completed("").data, data } });

describe("the body of a webhook", () => {
  test("is never too long, always JSON of the contract, and as much of a message as fits", () => {
    let cuts = 0;
    fc.assert(
      fc.property(anyText, (text) => {
        const event = completed(text);
        const whole = JSON.stringify(event);
        const body = writeBody(event);
        expect(bytesOf(body)).toBeLessThanOrEqual(maxBodyBytes);
        expect(WebhookBody.safeParse(JSON.parse(body)).success).toBe(true);
        if (bytesOf(whole) <= maxBodyBytes) {
          expect(body).toBe(whole);
          return;
        }
        cuts += 1;
        const { text: head, is_cut, text_bytes, ...rest } = JSON.parse(body).data.data;
        const { text: _, ...others } = event.data.data;
        expect([is_cut, text_bytes, rest]).toEqual([true, bytesOf(text), others]);
        expect(text.startsWith(head)).toBe(true);
        const next = String.fromCodePoint(text.codePointAt(head.length) ?? 0);
        expect([...(head + next)].length).toBe([...head].length + 1);
        expect(bytesOf(body) + bytesOf(JSON.stringify(next)) - 2).toBeGreaterThan(maxBodyBytes);
      }),
      { numRuns: 300 },
    );
    expect(cuts).toBeGreaterThan(50);
  });

  test("leaves out what is too long and no text, and says so", () => {
    const body = writeBody(line({ status: "failed", error: { type: "x", message: "é".repeat(20_000) }, round: 2 }));
    expect(JSON.parse(body).data).toMatchObject({ seq: 4, data: { status: "failed", round: 2, is_cut: true } });
    expect(JSON.parse(body).data.data).not.toHaveProperty("error");
    expect(WebhookBody.safeParse(JSON.parse(body)).success).toBe(true);
  });

  test("leaves out no more than it must", () => {
    const part = "x".repeat(9_000);
    const body = JSON.parse(writeBody(line({ one: part, two: part, three: `${part}x`, text: "é".repeat(9_000) })));
    expect(Object.keys(body.data.data).sort()).toEqual(["is_cut", "one", "text", "text_bytes", "two"]);
  });

  test.each([
    [{ balance: "4.9", threshold: "5" }, "wallet.low_balance"],
    [{ endpoint_id: id }, "webhook.test"],
  ])("of what is in no log is as it is: %j", (data, type) => {
    expect(JSON.parse(writeBody({ type, timestamp, data }))).toEqual({ type, timestamp, data });
  });
});
