import { describe, expect, test } from "vitest";
import { type CallEnd, type Payer, whoPays } from "./who-pays.ts";

const ofContent: readonly CallEnd[] = ["empty_reply", "content_filter"];
const onTheWay: readonly CallEnd[] = [
  "invalid_reply",
  "rate_limited",
  "provider_unavailable",
  "timeout",
  "cut_stream",
  "refused",
];
const ends: readonly CallEnd[] = ["answered", ...ofContent, ...onTheWay];

const table: readonly (readonly [end: CallEnd, isShown: boolean, isFree: boolean, payer: Payer])[] = [
  ...ends.flatMap((end) => [[end, true, false, "user"] as const, [end, true, true, "user"] as const]),
  ["answered", false, false, "user"],
  ["answered", false, true, "user"],
  ...ofContent.flatMap((end) => [[end, false, false, "user"] as const, [end, false, true, "platform"] as const]),
  ...onTheWay.flatMap((end) => [[end, false, false, "platform"] as const, [end, false, true, "platform"] as const]),
];

describe("who pays a call", () => {
  test.each(table)("that ended with %s, shown %s and free %s: the %s", (end, isShown, isFree, payer) => {
    expect(whoPays({ end, isShown, isFree })).toBe(payer);
  });

  test("is said for each end, shown or not, free or not", () => {
    expect(new Set(table.map((row) => row.slice(0, 3).join(" "))).size).toBe(4 * ends.length);
  });
});
