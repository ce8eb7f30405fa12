import { ChatOpenAI, type ChatOpenAICallOptions } from "@langchain/openai";
import { isStrictSchema } from "../../domain/json-schema/is-strict-schema.ts";
import type { Clock } from "../../ports/clock.ts";
import type { ModelGateway, ModelRequest, ModelResult } from "../../ports/model.ts";
import { type EndedAttempt, toCallRecord } from "./call-record.ts";
import { type Attempt, createMeteringFetch, type MeteringFetch } from "./metering-fetch.ts";
import { type Heard, readOutcome } from "./read-outcome.ts";

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
      const heard = await listen(model, { request, signal, onDelta });
      const nowMs = clock.now().getTime();
      const ended = metering.attempts.map((attempt) => endAttempt(attempt, signal, nowMs));
      const last = ended.at(-1);
      return {
        outcome: readOutcome({ request, heard, last, isTimedOut: last?.isTimedOut ?? signal.aborted, apiKey, nowMs }),
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

async function listen(model: ChatOpenAI, { request, signal, onDelta }: Listening): Promise<Heard> {
  let text = "";
  let finishReason: string | null = null;
  try {
    const messages = request.messages.map(({ role, content }) => ({ role, content }));
    for await (const chunk of await model.stream(messages, { signal, ...optionsOf(request) })) {
      if (typeof chunk.content === "string" && chunk.content !== "") {
        text += chunk.content;
        tell(onDelta, chunk.content);
      }
      const reason: unknown = chunk.response_metadata.finish_reason;
      if (typeof reason === "string" && reason !== "") finishReason = reason;
    }
    return { text, finishReason, isBroken: false };
  } catch {
    return { text, finishReason, isBroken: true };
  }
}

function optionsOf({ format }: ModelRequest): Partial<ChatOpenAICallOptions> {
  if (format === null) return {};
  const { name, schema } = format;
  // A provider refuses a schema that claims to be strict and is not.
  return {
    response_format: {
      type: "json_schema",
      json_schema: { name, strict: isStrictSchema(schema), schema: { ...schema } },
    },
  };
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
