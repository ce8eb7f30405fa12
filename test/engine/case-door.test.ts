import { SignJWT } from "jose";
import { beforeEach, describe, expect, it } from "vitest";
import { openStep } from "../../functions/step.ts";
import { createQueueVerifier } from "../../src/adapters/qstash/verifier.ts";
import type { Turn } from "../../src/contract/turns.ts";
import { signAttempt } from "../../src/local/qstash/signature.ts";
import { bodyOf } from "./engine-bench.ts";
import { chatRequests, useBench } from "./engine-kit.ts";

const bench = useBench();

beforeEach(async () => {
  bench().resetModel();
  await bench().holdQueue();
});

const urlOf = () => `${bench().composed.ports.publicBaseUrl}/internal/steps`;

interface Signing {
  readonly key?: string;
  readonly url?: string;
  readonly signedBody?: string;
  readonly ageSeconds?: number;
}

function sign(body: string, { key, url, signedBody, ageSeconds = 0 }: Signing = {}): Promise<string> {
  return signAttempt({
    url: url ?? urlOf(),
    body: new TextEncoder().encode(signedBody ?? body),
    key: key ?? bench().cloud.keys.qstashCurrentSigningKey,
    wallMs: Date.now() - ageSeconds * 1000,
  });
}

async function knock(body: string, signature: string | null, door = openStep(bench().composed)): Promise<number> {
  const headers = signature === null ? {} : { "upstash-signature": signature };
  return (await door.fetch(new Request(urlOf(), { method: "POST", body, headers }))).status;
}

async function readyTurn(): Promise<Turn> {
  return (await bench().furnish(["ada"])).send("Go");
}

const verdicts = () =>
  bench()
    .logged.filter(({ event }) => event === "delivery_refused")
    .map(({ fields }) => fields.verdict);

describe("the step door", () => {
  it.each<[string, (body: string) => Promise<string | null>]>([
    ["no signature", async () => null],
    ["a text that is none", async () => "forged"],
    ["a stranger's signature", (body) => sign(body, { key: "sig_stranger" })],
    ["one for another URL", (body) => sign(body, { url: "https://elsewhere.example/internal/steps" })],
    ["one for another body", (body) => sign(body, { signedBody: `${body} ` })],
    [
      "case 25: one by HS512",
      () =>
        new SignJWT({ body: "x" })
          .setProtectedHeader({ alg: "HS512" })
          .setIssuer("Upstash")
          .setSubject(urlOf())
          .setExpirationTime("5m")
          .sign(new TextEncoder().encode(bench().cloud.keys.qstashCurrentSigningKey)),
    ],
  ])("case 24: answers 401 to %s, before the database", async (_what, signatureOf) => {
    const body = bodyOf(await readyTurn(), 0);
    bench().sqlTrips();
    expect(await knock(body, await signatureOf(body))).toBe(401);
    expect([bench().sqlTrips(), chatRequests(bench()).length]).toEqual([0, 0]);
    expect(verdicts().at(-1)).toBe("invalid");
  });

  it("case 24: is closed while it has no keys", async () => {
    const body = bodyOf(await readyTurn(), 0);
    const queueVerifier = createQueueVerifier({ currentSigningKey: undefined, nextSigningKey: undefined });
    const { settings, ports } = bench().composed;
    const closed = openStep({ settings, ports: { ...ports, queueVerifier } });
    bench().sqlTrips();
    expect(await knock(body, await sign(body), closed)).toBe(401);
    expect(await knock(body, await sign(body, { key: "" }).catch(() => null), closed)).toBe(401);
    expect(bench().sqlTrips()).toBe(0);
  });

  it("case 26: tells an expired signature apart", async () => {
    const body = bodyOf(await readyTurn(), 0);
    expect(await knock(body, await sign(body, { ageSeconds: 600 }))).toBe(401);
    expect(verdicts().at(-1)).toBe("expired");
  });

  it("case 27: takes a replay inside five minutes for the duplicate that it is", async () => {
    const body = bodyOf(await readyTurn(), 0);
    const signature = await sign(body);
    expect([await knock(body, signature), await knock(body, signature)]).toEqual([200, 200]);
    expect(chatRequests(bench())).toHaveLength(1);
  });

  it("case 28: takes the next key as well as the current one", async () => {
    const body = bodyOf(await readyTurn(), 0);
    expect(await knock(body, await sign(body, { key: bench().cloud.keys.qstashNextSigningKey }))).toBe(200);
    expect(await knock(body, await sign(body))).toBe(200);
  });

  it("case 29: a minute between the clocks makes no difference", async () => {
    const body = bodyOf(await readyTurn(), 0);
    expect(await knock(body, await sign(body, { ageSeconds: -60 }))).toBe(200);
    expect(await knock(body, await sign(body, { ageSeconds: 350 }))).toBe(200);
  });
});
