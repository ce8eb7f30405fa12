import { createHash } from "node:crypto";
import { maxPromptTokens } from "../../../src/domain/meter/bound.ts";
import { parseUsage } from "../../../src/domain/meter/usage.ts";
import { utf8Bytes } from "../../../src/domain/text/utf8.ts";
import type { CallRecord, ModelGateway, ModelOutcome, ModelRequest } from "../../../src/ports/model.ts";
import { garbage, replyTo, silence } from "./chaos-replies.ts";
import { drawMishap, failureOf, type Mishap } from "./mishaps.ts";
import { contextLimitByModel } from "./plot.ts";
import type { Random } from "./random.ts";
import type { Simulation, Task } from "./simulation.ts";

/** A call that reached the provider, whether or not anyone lived to hear the answer. */
export interface ModelCall {
  readonly requestId: string;
  readonly taskId: number;
  readonly step: string;
  readonly token: number;
  readonly prompt: string;
  readonly promptHash: string;
  /** The most tokens that the prompt can be, the form included. */
  readonly maxTokens: number;
  /** The form that was asked for. */
  readonly form: string | null;
  /** What only this call's reply says; null when it made no reply that can be used. */
  marker: string | null;
  /** It had nothing to say, and said so. */
  isSilent: boolean;
  isGarbage: boolean;
  /** A piece of it was handed on before it ended. */
  isShown: boolean;
  /** It came to its end, whatever it was worth. */
  isAnswered: boolean;
  /** What its reply brings to the register. */
  entries: readonly string[];
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
  /** How long its plain words may be. */
  readonly maxCharacters: number;
  readonly calls: ModelCall[];
  readonly onFault: () => void;
  readonly onSummaryCall: () => void;
}

/** A model whose every call is counted; it fails as providers do, by the seed. */
export function createChaosModel(options: ChaosModelOptions, task: Task, holding: () => Holding): ModelGateway {
  const { simulation, random, calls } = options;
  return {
    async call(request, onDelta) {
      const isStubborn = calls.some(({ step, isGarbage }) => step === holding().step && isGarbage);
      const mishap = drawMishap({ ...options, isForm: request.format !== null, isStubborn });
      const call = await simulation.pass(task, "model request", async () => {
        const made = { ...toCall(request, calls.length + 1), taskId: task.id, ...holding() };
        made.isGarbage = mishap === "garbage";
        calls.push(made);
        if (made.form === "summary") options.onSummaryCall();
        return made;
      });
      if (mishap !== null) options.onFault();
      await simulation.sleep(task, latencyMs(random, mishap, request));
      return simulation.pass(task, "model answer", async () => answer(call, mishap, { ...options, request, onDelta }));
    },
  };
}

function toCall({ messages, format }: ModelRequest, number: number): Omit<ModelCall, keyof Holding | "taskId"> {
  const formBytes = format === null ? 0 : utf8Bytes(JSON.stringify(format.schema));
  return {
    requestId: `call-${number}`,
    prompt: messages.map(({ content }) => content).join("\n"),
    promptHash: createHash("sha256").update(JSON.stringify(messages)).digest("hex"),
    maxTokens: maxPromptTokens(messages) + formBytes,
    form: format?.name ?? null,
    marker: null,
    isSilent: false,
    isGarbage: false,
    isShown: false,
    isAnswered: false,
    entries: [],
    units: 0n,
  };
}

function latencyMs(random: Random, mishap: Mishap | null, { timeoutMs }: ModelRequest): number {
  if (mishap === "timeout") return timeoutMs;
  return mishap === "slow" || mishap === "silent"
    ? random.between(timeoutMs / 2, timeoutMs - 1)
    : random.between(200, 4_000);
}

interface Answering extends Pick<ChaosModelOptions, "random" | "maxCharacters"> {
  readonly request: ModelRequest;
  readonly onDelta: ((text: string) => void) | undefined;
}

interface Tokens {
  readonly prompt: number;
  readonly output: number;
}

function answer(call: ModelCall, mishap: Mishap | null, answering: Answering) {
  const outcome = outcomeOf(call, mishap, answering);
  const tokens = countTokens(call, outcome, answering);
  call.units = unitsOf(tokens);
  call.isAnswered = isWhole(outcome, mishap);
  const words = wordsAloud(call, mishap, outcome);
  if (answering.onDelta !== undefined && words !== "") {
    call.isShown = true;
    answering.onDelta(words);
  }
  return { outcome, calls: [recordOf(call, answering.request, { mishap, outcome, tokens })] };
}

/** A reply in plain words comes in pieces, and so do some that break off. */
function wordsAloud({ token }: ModelCall, mishap: Mishap | null, outcome: ModelOutcome): string {
  if (outcome.kind === "replied") return outcome.text;
  return mishap === "cut_stream" || (mishap === "timeout" && token % 2 === 0) ? "My view" : "";
}

/** Few, or as many as there can be: what is held for a call must be enough for both. */
function countTokens({ maxTokens }: ModelCall, { kind }: ModelOutcome, { request, random }: Answering): Tokens {
  const isMost = random.chance(0.5);
  const limit = contextLimitByProviderModel.get(request.providerModel) ?? 0;
  const output = isMost ? request.maxOutputTokens : 10;
  return { prompt: isMost ? Math.min(maxTokens, limit) : 100, output: kind === "replied" ? output : 0 };
}

const contextLimitByProviderModel: ReadonlyMap<string, number> = new Map(
  Object.entries(contextLimitByModel).map(([alias, limit]) => [providerModelOf(alias), limit]),
);

export function providerModelOf(alias: string): string {
  return `openai/${alias}`;
}

/** 0.35 and 1 a token, in units of 1e-5 credits, and 1e9 units are a credit. */
function unitsOf({ prompt, output }: Tokens): bigint {
  return BigInt(35 * prompt + 100 * output) * 1000n;
}

function outcomeOf(
  call: ModelCall,
  mishap: Mishap | null,
  { request, random, maxCharacters }: Answering,
): ModelOutcome {
  if (mishap === "silent") return replied("");
  if (mishap === "garbage") return replied(random.pick(garbage));
  if (mishap !== null && mishap !== "slow") return { kind: "failed", failure: failureOf(mishap, random) };
  if (call.prompt.includes(silence) && request.format === null && random.chance(0.05)) {
    call.isSilent = true;
    return replied(silence);
  }
  const number = Number(call.requestId.slice("call-".length));
  const marker = `said-in-${call.requestId}-end`;
  const reply = replyTo(request.format, { marker, number, prompt: call.prompt, random, maxCharacters });
  call.marker = marker;
  call.entries = reply.entries;
  return replied(reply.text);
}

function replied(text: string): ModelOutcome {
  return { kind: "replied", text, finishReason: "stop" };
}

interface Recorded {
  readonly mishap: Mishap | null;
  readonly outcome: ModelOutcome;
  readonly tokens: Tokens;
}

function recordOf(call: ModelCall, request: ModelRequest, { mishap, outcome, tokens }: Recorded): CallRecord {
  const isDone = isWhole(outcome, mishap);
  return {
    provider: "openrouter",
    providerModel: request.providerModel,
    requestId: call.requestId,
    generationId: null,
    usage: parseUsage({ prompt_tokens: tokens.prompt, completion_tokens: tokens.output }),
    latencyMs: 0,
    status: isDone ? "ok" : mishap === "timeout" ? "aborted" : "failed",
    httpStatus: mishap === "rate_limited" ? 429 : mishap === "provider_unavailable" ? 503 : 200,
    finishReason: isDone ? "stop" : null,
  };
}

function isWhole({ kind }: ModelOutcome, mishap: Mishap | null): boolean {
  return kind === "replied" || mishap === "empty_reply" || mishap === "content_filter";
}
