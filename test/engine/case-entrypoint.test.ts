import { SignJWT } from "jose";
import { beforeEach, describe, expect, it } from "vitest";
import { openDeliver } from "../../functions/deliver.ts";
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

async function knock(body: string, signature: string | null, entrypoint = openStep(bench().composed)): Promise<number> {
  const headers = signature === null ? {} : { "upstash-signature": signature };
  return (await entrypoint.fetch(new Request(urlOf(), { method: "POST", body, headers }))).status;
}

async function readyTurn(): Promise<Turn> {
  return (await bench().furnish(["ada"])).send("Go");
}

/** A kilobyte for each pull, 64 in all. */
function longBody() {
  let [pulls, isCancelled] = [0, false];
  const source: UnderlyingDefaultSource<Uint8Array> = {
    pull(controller) {
      pulls += 1;
      controller.enqueue(new Uint8Array(1024));
      if (pulls === 64) controller.close();
    },
    cancel() {
      isCancelled = true;
    },
  };
  const body = new ReadableStream(source, { highWaterMark: 0 });
  return { body, pulled: () => pulls, isCancelled: () => isCancelled };
}

type Entrypoint = (body: BodyInit, headers?: Readonly<Record<string, string>>) => Promise<number>;

const entrypoints: readonly (readonly [string, Entrypoint])[] = [
  ["/internal/steps", (...request) => postTo("/internal/steps", openStep, ...request)],
  ["/internal/deliveries", (...request) => postTo("/internal/deliveries", openDeliver, ...request)],
];

async function postTo(
  path: string,
  open: typeof openStep,
  ...[body, headers = {}]: Parameters<Entrypoint>
): Promise<number> {
  const url = bench().composed.ports.publicBaseUrl + path;
  // Node asks for `duplex` with a stream, which its types do not know.
  const init: RequestInit & { readonly duplex: "half" } = { method: "POST", body, headers, duplex: "half" };
  return (await open(bench().composed).fetch(new Request(url, init))).status;
}

const verdicts = () =>
  bench()
    .logged.filter(({ event }) => event === "delivery_refused")
    .map(({ fields }) => fields.verdict);

describe("the step entrypoint", () => {
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
    const signature = await signatureOf(body);
    expect(await knock(body, signature)).toBe(401);
    expect([bench().sqlTrips(), chatRequests(bench()).length]).toEqual([0, 0]);
    expect(verdicts().at(-1)).toBe(signature === null ? "unsigned" : "invalid");
  });

  it.each(entrypoints)(
    "case 24: answers 401 at %s to a request without a signature, unread",
    async (_path, entrypoint) => {
      const { body, pulled } = longBody();
      expect([await entrypoint(body), pulled(), verdicts().at(-1)]).toEqual([401, 0, "unsigned"]);
    },
  );

  it.each(entrypoints)("case 24: answers 413 at %s to a length above 4 KB, unread", async (_path, entrypoint) => {
    const { body, pulled } = longBody();
    const headers = { "upstash-signature": "any", "content-length": "4097" };
    expect([await entrypoint(body, headers), pulled(), verdicts().at(-1)]).toEqual([413, 0, "too_large"]);
  });

  it.each([
    ["no length", {}],
    ["a lying length", { "content-length": "99" }],
    ["a length that is none", { "content-length": "short" }],
  ])("case 24: stops reading a body of %s at 4 KB", async (_what, lengths) => {
    for (const [, entrypoint] of entrypoints) {
      const { body, pulled, isCancelled } = longBody();
      expect(await entrypoint(body, { "upstash-signature": "any", ...lengths })).toBe(413);
      expect([pulled(), isCancelled()]).toEqual([5, true]);
    }
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
