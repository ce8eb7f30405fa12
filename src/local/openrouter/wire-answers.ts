import type { Completion } from "./completion.ts";
import type { ActiveFaults } from "./fault-switches.ts";
import type { ToolCall } from "./wire.ts";

export function answerBody(completion: Completion, faults: ActiveFaults) {
  const { text, toolCalls, finishReason } = completion;
  const content = text === "" && toolCalls.length > 0 ? null : text;
  const calls = toolCalls.length > 0 ? { tool_calls: toolCalls.map((call, index) => ({ index, ...call })) } : {};
  return {
    ...head(completion, "chat.completion"),
    choices: [
      {
        index: 0,
        message: { role: "assistant", content, refusal: null, reasoning: null, ...calls },
        logprobs: null,
        finish_reason: finishReason,
        native_finish_reason: finishReason,
      },
    ],
    ...(faults.usage_missing ? {} : { usage: completion.usage }),
  };
}

export type Chunk = Readonly<Record<string, unknown>>;

/** The chunks of a stream: the role, the words, the reason for the end, then the usage with empty choices. */
export function answerChunks(completion: Completion, faults: ActiveFaults): Chunk[] {
  const { finishReason, usage } = completion;
  const repeated = faults.usage_repeated ? { usage } : {};
  const deltas = [
    { role: "assistant", content: "" },
    ...contentDeltas(completion),
    ...toolDeltas(completion.toolCalls),
  ];
  const chunks: Chunk[] = deltas.map((delta) => ({ ...chunk(completion, delta, null), ...repeated }));
  chunks.push({ ...chunk(completion, { content: "" }, finishReason), ...repeated });
  if (faults.usage_missing) return chunks;
  const last = { ...head(completion, "chat.completion.chunk"), choices: [], usage };
  chunks.push(faults.usage_with_choices ? { ...chunk(completion, { content: "" }, finishReason), usage } : last);
  return chunks;
}

export function errorChunk(completion: Completion, code: number): Chunk {
  const error = { code, message: "Provider disconnected unexpectedly" };
  return { ...chunk(completion, { content: "" }, "error"), error };
}

function contentDeltas({ text }: Completion): object[] {
  return (text.match(/\s*\S+|\s+$/gu) ?? []).map((content) => ({ content }));
}

function toolDeltas(calls: readonly ToolCall[]): object[] {
  return calls.flatMap((call, index) => {
    const { name, arguments: text } = call.function;
    const start = { index, id: call.id, type: "function", function: { name, arguments: "" } };
    const rest = (text.match(/[\s\S]{1,12}/gu) ?? []).map((piece) => ({ index, function: { arguments: piece } }));
    return [start, ...rest].map((part) => ({ tool_calls: [part] }));
  });
}

function chunk(completion: Completion, delta: object, finishReason: string | null): Chunk {
  return {
    ...head(completion, "chat.completion.chunk"),
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finishReason, native_finish_reason: finishReason }],
  };
}

function head(completion: Completion, object: string) {
  return {
    id: completion.id,
    provider: completion.model.provider,
    model: completion.model.id,
    object,
    created: completion.createdSeconds,
    system_fingerprint: null,
  };
}
