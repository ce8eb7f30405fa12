import { AIMessageChunk } from "@langchain/core/messages";
import type { ChatGenerationChunk } from "@langchain/core/outputs";
import { ChatOpenAI } from "@langchain/openai";
import type { Clock } from "../../ports/clock.ts";
import type { ModelGateway, ModelRequest, ModelResult } from "../../ports/model.ts";
import { type EndedAttempt, toCallRecord } from "./call-record.ts";
import { type Attempt, createMeteringFetch, type MeteringFetch } from "./metering-fetch.ts";
import { type RecordedReply, readOutcome } from "./read-outcome.ts";
import { recordCalls } from "./recorded-calls.ts";
import { toCallOptions, toWireMessages } from "./wire-request.ts";

export interface ModelGatewayConfig {
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly clock: Clock;
}

type OnDelta = (text: string) => void;

/** Models behind OpenRouter's API; what a call cost comes from the wire, never from the library. */
export function createModelGateway({ baseUrl, apiKey, clock }: ModelGatewayConfig): ModelGateway {
  return {
    async call(request, onDelta): Promise<ModelResult> {
      const signal = AbortSignal.timeout(request.timeoutMs);
      const metering = createMeteringFetch(clock);
      const model = createModel({ baseUrl, apiKey, request, metering });
      const recorded = await listen(model, { request, signal, onDelta });
      const nowMs = clock.now().getTime();
      const ended = metering.attempts.map((attempt) => endAttempt(attempt, signal, nowMs));
      const last = ended.at(-1);
      return {
        outcome: readOutcome({
          request,
          recorded,
          last,
          isTimedOut: last?.isTimedOut ?? signal.aborted,
          apiKey,
          nowMs,
        }),
        calls: ended.map((attempt) => toCallRecord(request, attempt)),
      };
    },
  };
}

interface ModelParts extends Pick<ModelGatewayConfig, "baseUrl" | "apiKey"> {
  readonly request: ModelRequest;
  readonly metering: MeteringFetch;
}

// The library's own retries hide paid calls, and its logger prints replies.
function createModel({ baseUrl, apiKey, request, metering }: ModelParts): ChatOpenAI {
  return new ChatOpenAI({
    model: request.providerModel,
    maxTokens: request.maxOutputTokens,
    apiKey,
    maxRetries: 0,
    streamUsage: true,
    useResponsesApi: false,
    configuration: { baseURL: baseUrl, fetch: metering.fetch, maxRetries: 0, logLevel: "off" },
  });
}

interface Listening {
  readonly request: ModelRequest;
  readonly signal: AbortSignal;
  readonly onDelta: OnDelta | undefined;
}

async function listen(model: ChatOpenAI, { request, signal, onDelta }: Listening): Promise<RecordedReply> {
  const recordedCalls = recordCalls();
  let text = "";
  let finishReason: string | null = null;
  const recorded = (isBroken: boolean): RecordedReply => ({
    text,
    calls: recordedCalls.calls(),
    finishReason,
    isBroken,
  });
  try {
    for await (const { message, generationInfo } of stream(model, request, signal)) {
      if (typeof message.content === "string" && message.content !== "") {
        text += message.content;
        tell(onDelta, message.content);
      }
      if (message instanceof AIMessageChunk)
        for (const piece of message.tool_call_chunks ?? []) recordedCalls.add(piece);
      const reason: unknown = generationInfo?.finish_reason;
      if (typeof reason === "string" && reason !== "") finishReason = reason;
    }
    return recorded(false);
  } catch {
    return recorded(true);
  }
}

// The public `stream` also puts the reply together, and reads a tool's arguments anew with every piece of them: its work
// grows with the square of their length.
function stream(model: ChatOpenAI, request: ModelRequest, signal: AbortSignal): AsyncGenerator<ChatGenerationChunk> {
  return model._streamResponseChunks(toWireMessages(request), { signal, ...toCallOptions(request) });
}

// A delta may be lost; the reply, which is paid for, may not.
function tell(onDelta: OnDelta | undefined, delta: string): void {
  try {
    onDelta?.(delta);
  } catch {
    return;
  }
}

function endAttempt(attempt: Attempt, signal: AbortSignal, nowMs: number): EndedAttempt {
  const isTimedOut = signal.aborted && attempt.end?.kind !== "whole";
  return { attempt, wire: attempt.tally.completion(), isTimedOut, endedAtMs: attempt.end?.atMs ?? nowMs };
}
