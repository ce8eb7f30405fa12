import { createHash } from "node:crypto";
import { complete } from "./completion.ts";
import { errorBody, errorResponse } from "./errors.ts";
import type { FaultBox } from "./fault-box.ts";
import type { ActiveFaults, FaultName } from "./fault-switches.ts";
import { findModel, type Model } from "./models.ts";
import type { PrefixCache } from "./prefix-cache.ts";
import type { RecordedRequest, Recorder } from "./recorder.ts";
import { refusalFor } from "./refuse.ts";
import { draftReply } from "./reply.ts";
import { factsOf, type RequestFacts } from "./request-facts.ts";
import type { ScriptBox } from "./script.ts";
import type { ShiftableClock } from "./shiftable-clock.ts";
import { type Caller, streamAnswer } from "./stream-answer.ts";
import { ChatRequest, outputLimitOf } from "./wire.ts";
import { answerBody, errorChunk } from "./wire-answers.ts";

export interface Endpoint {
  readonly faults: FaultBox;
  readonly script: ScriptBox;
  readonly recorder: Recorder;
  readonly prefixes: PrefixCache;
  readonly clock: ShiftableClock;
  readonly msPerChunk: number;
}

/** Undefined means that the connection is gone and there is nobody to answer. */
export async function answerChat(
  endpoint: Endpoint,
  attempt: { readonly body: string; readonly record: RecordedRequest; readonly caller: Caller },
): Promise<Response | undefined> {
  const { record, caller } = attempt;
  const request = readRequest(attempt.body);
  if (request instanceof Response) return request;
  Object.assign(record, {
    model: request.model,
    messages: request.messages,
    stream: request.stream === true,
    body: request,
  });
  const model = findModel(request.model);
  if (model === undefined) return errorResponse(errorBody(400, `${request.model} is not a valid model ID`));
  const facts = factsOf(request);
  const faults = endpoint.faults.draw(facts);
  record.faults = faultNames(faults);
  if (faults.hang_before_headers) await endpoint.clock.hang(caller.signal);
  if (caller.signal.aborted) return undefined;
  if (faults.reset_before_headers) {
    endpoint.recorder.finish(record, "broken", null);
    caller.reset();
    return undefined;
  }
  return refusalFor(faults, model, facts) ?? generate(endpoint, { request, model, facts, faults, record, caller });
}

interface Generation {
  readonly request: ChatRequest;
  readonly model: Model;
  readonly facts: RequestFacts;
  readonly faults: ActiveFaults;
  readonly record: RecordedRequest;
  readonly caller: Caller;
}

function generate(endpoint: Endpoint, { request, model, facts, faults, record, caller }: Generation): Response {
  const prompt = endpoint.prefixes.count(request);
  const tooLong = contextError(request, model, prompt.prompt);
  if (tooLong !== undefined) return tooLong;
  const scripted = endpoint.script.take(facts);
  const draft = draftReply(request, scripted, faults);
  const id = generationId(record);
  const createdSeconds = Math.floor(Date.now() / 1_000);
  const completion = complete({ id, createdSeconds, model, request, draft, prompt, scripted });
  record.generation_id = id;
  record.usage = completion.usage;
  record.finish_reason = completion.finishReason;
  const headers = { "x-generation-id": id };
  if (!record.stream) return wholeAnswer(completion, faults, headers);
  const { clock, msPerChunk, recorder } = endpoint;
  const onEnd = (outcome: "answered" | "broken" | "caller_left") => recorder.finish(record, outcome, 200);
  const onWords = () => {
    record.first_words_at_ms ??= performance.now();
  };
  const body = streamAnswer({ completion, faults, clock, msPerChunk, caller, onWords, onEnd });
  return new Response(body, {
    headers: { ...headers, "content-type": "text/event-stream", "cache-control": "no-cache" },
  });
}

function wholeAnswer(
  completion: ReturnType<typeof complete>,
  faults: ActiveFaults,
  headers: Readonly<Record<string, string>>,
): Response {
  if (faults.error_mid_stream) {
    return Response.json(errorChunk(completion, faults.error_mid_stream.code), { headers });
  }
  const text = JSON.stringify(answerBody(completion, faults));
  const isTruncated = faults.truncated_json !== undefined;
  const body = isTruncated ? text.slice(0, Math.floor(text.length / 2)) : text;
  return new Response(body, { headers: { ...headers, "content-type": "application/json" } });
}

function readRequest(body: string): ChatRequest | Response {
  const parsed = ChatRequest.safeParse(parseJson(body));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue?.path.join(".") || "body";
  return errorResponse(errorBody(400, `Invalid input at ${where}: ${issue?.message ?? "not a chat request"}`));
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function contextError(request: ChatRequest, model: Model, promptTokens: number): Response | undefined {
  const output = outputLimitOf(request) ?? 0;
  const requested = promptTokens + output;
  if (requested <= model.contextLength) return undefined;
  const limit = `This endpoint's maximum context length is ${model.contextLength} tokens.`;
  const asked = `However, you requested about ${requested} tokens (${promptTokens} of text input, ${output} in the output).`;
  return errorResponse(errorBody(400, `${limit} ${asked} Please reduce the length of either one.`));
}

function generationId(record: RecordedRequest): string {
  const words = createHash("sha256").update(`${record.started_at}:${performance.timeOrigin}:${performance.now()}`);
  return `gen-${Math.floor(Date.now() / 1_000)}-${words.digest("base64url").slice(0, 20)}`;
}

function faultNames(faults: ActiveFaults): FaultName[] {
  // Safe: the object was built from fault names only.
  return Object.keys(faults) as FaultName[];
}
