import { createHmac } from "node:crypto";
import { Webhook } from "standardwebhooks";
import { afterEach, describe, expect, it, vi } from "vitest";
import { systemSigner } from "../../src/adapters/system/signer.ts";
import { formatSecret, signedText, webhookHeaders } from "../../src/domain/webhook/signature.ts";
import { type Chance, createChance } from "../http/fuzz/chance.ts";

const count = 10_000;

interface Case {
  readonly id: string;
  readonly time: Date;
  readonly body: string;
  readonly secret: string;
}

const alphabets = [
  "abc XYZ_-.",
  '{}[]":,\\/\n\t\r\0',
  "äöü߀",
  "漢字かな",
  "😀👩‍👩‍👧🏳️‍🌈",
  "\u2028\ufeff\u00ad",
] as const;

function textOf(chance: Chance, length: number): string {
  const pieces = Array.from({ length }, () => {
    const letters = Array.from(chance.pick(alphabets));
    return letters[chance.below(letters.length)] ?? "";
  });
  return pieces.join("");
}

function keyOf(chance: Chance): string {
  return Buffer.from(Array.from({ length: 24 + chance.below(41) }, () => chance.below(256))).toString("base64");
}

function drawCase(chance: Chance): Case {
  const body = chance.isLucky(0.01) ? "" : JSON.stringify({ data: textOf(chance, chance.below(120)) });
  return {
    id: chance.isLucky(0.5) ? textOf(chance, 1 + chance.below(30)) : `0190a000-${chance.below(1e9)}`,
    time: new Date(chance.below(4_102_444_800) * 1000 + chance.below(1000)),
    body,
    secret: formatSecret(keyOf(chance)),
  };
}

async function headersOf({ id, time, body, secret }: Case, others: readonly string[] = []) {
  const content = { id, timestampSeconds: Math.floor(time.getTime() / 1000), body };
  const signatures = await Promise.all([...others, secret].map((one) => systemSigner.sign(one, signedText(content))));
  return webhookHeaders(content, signatures);
}

afterEach(() => {
  vi.useRealTimers();
});

describe("our signatures and the reference package's", () => {
  it(`are the same for ${count} messages, and it verifies each of ours`, async () => {
    const chance = createChance(20_261_121);
    const differing: Case[] = [];
    vi.useFakeTimers({ toFake: ["Date"] });
    for (let index = 0; index < count; index += 1) {
      const drawn = drawCase(chance);
      const reference = new Webhook(drawn.secret);
      const headers = await headersOf(drawn);
      vi.setSystemTime(drawn.time);
      if (headers["webhook-signature"] !== reference.sign(drawn.id, drawn.time, drawn.body)) differing.push(drawn);
      expect(reference.verify(drawn.body, headers)).toEqual(drawn.body === "" ? undefined : JSON.parse(drawn.body));
    }
    expect(differing).toEqual([]);
  });

  it("are the standard's own example", async () => {
    const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const time = new Date(1_614_265_330_000);
    const headers = await headersOf({
      id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
      time,
      body: '{"test": 2432232314}',
      secret,
    });
    expect(headers["webhook-signature"]).toBe("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
  });

  it("verify under either secret during a rotation, and under no other", async () => {
    const chance = createChance(7);
    const drawn = { ...drawCase(chance), time: new Date(), body: '{"a":1}' };
    const older = formatSecret(keyOf(chance));
    const headers = await headersOf(drawn, [older]);
    expect(headers["webhook-signature"]).toMatch(/^v1,\S{44} v1,\S{44}$/);
    for (const secret of [drawn.secret, older])
      expect(new Webhook(secret).verify(drawn.body, headers)).toEqual({ a: 1 });
    expect(() => new Webhook(formatSecret(keyOf(chance))).verify(drawn.body, headers)).toThrow("No matching signature");
  });

  it.each([
    ["the body", '{"a":2}', {}],
    ["the id", '{"a":1}', { "webhook-id": "another" }],
    ["the time", '{"a":1}', { "webhook-timestamp": "1800000001" }],
  ])("stop to verify when %s is changed on the way", async (_, body, changed) => {
    const time = new Date(1_800_000_000_000);
    vi.useFakeTimers({ toFake: ["Date"], now: time });
    const drawn = { ...drawCase(createChance(11)), time, body: '{"a":1}' };
    const headers = { ...(await headersOf(drawn)), ...changed };
    expect(() => new Webhook(drawn.secret).verify(body, headers)).toThrow("No matching signature");
  });
});

describe("the signer", () => {
  it("signs as Node's own HMAC does, for keys of 24 to 64 bytes", async () => {
    for (let size = 24; size <= 64; size += 1) {
      const key = Buffer.alloc(size, size);
      const expected = createHmac("sha256", key).update("ünïcödé").digest("base64");
      expect(await systemSigner.sign(formatSecret(key.toString("base64")), "ünïcödé")).toBe(expected);
    }
  });
});
