import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { toCallRecord } from "../../src/adapters/openrouter/call-record.ts";
import { createWireTally } from "../../src/adapters/openrouter/wire-tally.ts";
import { creditUnits, formatOe, oeHundredths } from "../../src/domain/meter/charge.ts";
import type { Usage } from "../../src/domain/meter/usage.ts";
import { formatCredits } from "../../src/domain/money/credits.ts";
import { type StandIn, serve } from "../../src/local/serve.ts";
import { createRandom, type Random } from "../chaos/simulation/random.ts";
import { gatewayTo, request as plainRequest } from "../graph/gateway-kit.ts";
import { usageCorpus } from "./usage-corpus.ts";
import { messages, type UsageShape } from "./usage-shape.ts";

const seed = process.env.CORPUS_SEED ?? "1";
const request = plainRequest({ providerModel: "vendor/model", messages });
const encoder = new TextEncoder();

let server: StandIn;
let answer: () => Response = () => new Response(null, { status: 503 });
let asked = 0;
beforeAll(async () => {
  server = await serve(() => {
    asked += 1;
    return answer();
  });
});
afterAll(() => server.stop());

it("holds at least 80 shapes, each with a name of its own", () => {
  expect(new Set(usageCorpus.map(({ name }) => name)).size).toBe(usageCorpus.length);
  expect(usageCorpus.length).toBeGreaterThanOrEqual(80);
});

describe.each(usageCorpus)("$name", (shape) => {
  const expected = ledgerOf(shape);

  it("is metered alike whole, byte by byte and in pieces of any size", () => {
    const bytes = bytesOf(shape);
    const random = createRandom(`${seed}/${shape.name}`);
    const cuts = [[bytes], everyByte(bytes), ...Array.from({ length: 8 }, () => pieces(bytes, random))];
    for (const cut of cuts) expect(billed(usageByTally(shape, cut), shape)).toEqual(expected);
  });

  it("is metered so by the product's own client", async () => {
    const bytes = bytesOf(shape);
    const cut = shape.isLeftEarly === true ? [bytes] : pieces(bytes, createRandom(`${seed}/${shape.name}/http`));
    answer = () => respond(shape, cut);
    asked = 0;
    const { calls } = await gatewayTo(server.url).call(request);
    expect(calls.map(({ usage }) => billed(usage, shape))).toEqual([expected]);
    expect(asked).toBe(1);
  });
});

function ledgerOf({ metered }: UsageShape) {
  return {
    freshTokens: BigInt(metered.fresh ?? 0),
    cachedTokens: BigInt(metered.cached ?? 0),
    outputTokens: BigInt(metered.output ?? 0),
    cacheWriteTokens: BigInt(metered.cacheWrite ?? 0),
    reasoningTokens: BigInt(metered.reasoning ?? 0),
    costUsdPico: metered.costUsdPico ?? null,
    isEstimated: metered.isEstimated ?? false,
    oe: metered.oe,
    credits: metered.credits,
  };
}

function billed(usage: Usage, { metered }: UsageShape) {
  const hundredths = oeHundredths(usage);
  const credits = formatCredits(creditUnits(hundredths, metered.multiplierMilli ?? 1000n));
  return { ...usage, oe: formatOe(hundredths), credits };
}

/** What the adapter keeps of an answer whose bytes arrive in these pieces. */
function usageByTally({ status = 200, isAborted = false }: UsageShape, cut: readonly Uint8Array[]): Usage {
  const tally = createWireTally();
  for (const piece of cut) tally.add(piece);
  const end = { kind: isAborted ? "broken" : "whole", atMs: 1 } as const;
  const attempt = { startedAtMs: 0, tally, head: { status, headers: new Headers() }, end };
  return toCallRecord(request, { attempt, wire: tally.completion(), isTimedOut: false, endedAtMs: 1 }).usage;
}

// A connection that is reset may lose what was on its way, by chance; here a cut answer ends early but in order.
function respond({ status = 200, wire }: UsageShape, cut: readonly Uint8Array[]): Response {
  const isBody = typeof wire === "string" && wire.trim().startsWith("{");
  const left = [...cut];
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      const piece = left.shift();
      if (piece === undefined) controller.close();
      else controller.enqueue(piece);
    },
  });
  const contentType = isBody ? "application/json" : "text/event-stream";
  // A kept connection that the server closes for its age, while a long shape is parsed, would fail the next request.
  return new Response(stream, { status, headers: { "content-type": contentType, connection: "close" } });
}

function bytesOf({ wire }: UsageShape): Uint8Array {
  return typeof wire === "string" ? encoder.encode(wire) : wire;
}

function everyByte(bytes: Uint8Array): readonly Uint8Array[] {
  return Array.from(bytes, (byte) => Uint8Array.of(byte));
}

/** From a few to a few dozen pieces, of sizes from one byte to half of the rest. */
function pieces(bytes: Uint8Array, random: Random): readonly Uint8Array[] {
  const cut: Uint8Array[] = [];
  for (let start = 0; start < bytes.length; ) {
    const isSmall = random.chance(0.5);
    const end = start + random.between(1, isSmall ? 40 : Math.max(1, Math.ceil((bytes.length - start) / 2)));
    cut.push(bytes.subarray(start, end));
    start = end;
  }
  return cut;
}
