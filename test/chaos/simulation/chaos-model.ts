import { parseUsage } from "../../../src/domain/meter/usage.ts";
import type {
  CallRecord,
  ModelFailureType,
  ModelGateway,
  ModelOutcome,
  ModelRequest,
} from "../../../src/ports/model.ts";
import type { Random } from "./random.ts";
import type { Simulation, Task } from "./simulation.ts";

/** A call that reached the provider, whether or not anyone lived to hear the answer. */
export interface ModelCall {
  readonly requestId: string;
  readonly taskId: number;
  readonly step: string;
  readonly token: number;
  readonly prompt: string;
  /** What only this call's reply says; null when it made no reply. */
  marker: string | null;
  /** What its usage comes to, at the price of the only model here. */
  units: bigint;
}

export interface Holding {
  readonly step: string;
  readonly token: number;
}

export interface ChaosModelOptions {
  readonly simulation: Simulation;
  readonly random: Random;
  readonly faultRate: () => number;
  readonly calls: ModelCall[];
  readonly onFault: () => void;
}

type Mishap = ModelFailureType | "silent" | "slow";

const mishaps: readonly [Mishap, ...Mishap[]] = [
  "rate_limited",
  "rate_limited",
  "provider_unavailable",
  "timeout",
  "cut_stream",
  "invalid_reply",
  "empty_reply",
  "refused",
  "content_filter",
  "silent",
  "slow",
  "slow",
];

/** A model whose every call is counted; it fails as providers do, by the seed. */
export function createChaosModel(options: ChaosModelOptions, task: Task, holding: () => Holding): ModelGateway {
  const { simulation, random, calls } = options;
  return {
    async call(request) {
      const mishap = random.chance(options.faultRate()) ? random.pick(mishaps) : null;
      const call = await simulation.pass(task, "model request", async () => {
        const made: ModelCall = {
          requestId: `call-${calls.length + 1}`,
          taskId: task.id,
          ...holding(),
          prompt: request.messages.map(({ content }) => content).join("\n"),
          marker: null,
          units: 0n,
        };
        calls.push(made);
        return made;
      });
      if (mishap !== null) options.onFault();
      await simulation.sleep(task, latencyMs(random, mishap, request));
      return simulation.pass(task, "model answer", async () => answer(call, mishap, { request, random }));
    },
  };
}

function latencyMs(random: Random, mishap: Mishap | null, { timeoutMs }: ModelRequest): number {
  if (mishap === "timeout") return timeoutMs;
  return mishap === "slow" || mishap === "silent"
    ? random.between(timeoutMs / 2, timeoutMs - 1)
    : random.between(200, 4_000);
}

interface Answering {
  readonly request: ModelRequest;
  readonly random: Random;
}

function answer(call: ModelCall, mishap: Mishap | null, { request, random }: Answering) {
  const outcome = outcomeOf(call, mishap, random);
  call.units = unitsOf(outcome);
  return { outcome, calls: [recordOf(call, request, { mishap, outcome })] };
}

const promptTokens = 100;
const outputTokens = (outcome: ModelOutcome) => (outcome.kind === "replied" ? 10 : 0);

/** 0.35 and 1 a token, in units of 1e-5 credits, and 1e9 units are a credit. */
function unitsOf(outcome: ModelOutcome): bigint {
  return BigInt(35 * promptTokens + 100 * outputTokens(outcome)) * 1000n;
}

function outcomeOf(call: ModelCall, mishap: Mishap | null, random: Random): ModelOutcome {
  if (mishap === "silent") return { kind: "replied", text: "", finishReason: "stop" };
  if (mishap !== null && mishap !== "slow") return { kind: "failed", failure: failureOf(mishap, random) };
  call.marker = `said-in-${call.requestId}-end`;
  return { kind: "replied", text: `My view is ${call.marker}.`, finishReason: "stop" };
}

function failureOf(type: ModelFailureType, random: Random) {
  const isTransient = type !== "refused" && type !== "content_filter";
  const retryAfterSeconds = type === "rate_limited" ? random.pick([1, 3, 20, 120]) : null;
  return { type, message: `injected ${type}`, isTransient, retryAfterSeconds };
}

interface Recorded {
  readonly mishap: Mishap | null;
  readonly outcome: ModelOutcome;
}

function recordOf(call: ModelCall, request: ModelRequest, { mishap, outcome }: Recorded): CallRecord {
  const isWhole = outcome.kind === "replied" || mishap === "empty_reply" || mishap === "content_filter";
  return {
    provider: "openrouter",
    providerModel: request.providerModel,
    requestId: call.requestId,
    generationId: null,
    usage: parseUsage({ prompt_tokens: promptTokens, completion_tokens: outputTokens(outcome) }),
    latencyMs: 0,
    status: isWhole ? "ok" : mishap === "timeout" ? "aborted" : "failed",
    httpStatus: mishap === "rate_limited" ? 429 : mishap === "provider_unavailable" ? 503 : 200,
    finishReason: isWhole ? "stop" : null,
  };
}
