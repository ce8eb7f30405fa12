import { asList, asRecord, asText, isRecord } from "./record.ts";

/** What the wire text of a chat completion says about its own cost; `usage` is ready for `parseUsage`. */
export interface WireCompletion {
  readonly usage: Readonly<Record<string, unknown>> | null;
  readonly generationId: string | null;
  readonly providerModel: string | null;
  readonly finishReason: string | null;
  /** What was seen of the reply, reasoning and tool arguments included: the base of an estimate when usage is missing. */
  readonly outputCharacters: number;
  /** The body was whole, or the stream ended with its own end mark. */
  readonly isComplete: boolean;
}

const nothing: WireCompletion = {
  usage: null,
  generationId: null,
  providerModel: null,
  finishReason: null,
  outputCharacters: 0,
  isComplete: false,
};

/** Reads a JSON body or an event stream, cut or whole; what is no completion is passed over. */
export function readCompletion(wireText: string): WireCompletion {
  const body = wireText.trim();
  if (body.startsWith("{") && isRecord(parseJson(body))) return { ...addChunk(nothing, body), isComplete: true };
  let completion = nothing;
  for (const data of eventData(wireText)) {
    completion = data.trim() === "[DONE]" ? { ...completion, isComplete: true } : addChunk(completion, data);
  }
  return completion;
}

function eventData(streamText: string): readonly string[] {
  const events: string[][] = [[]];
  for (const line of streamText.split(/\r\n|\n|\r/)) {
    if (line === "") events.push([]);
    else if (line.startsWith("data:")) events.at(-1)?.push(line.slice("data:".length));
  }
  return events.filter((lines) => lines.length > 0).flatMap(joinedOrApart);
}

// An event's lines belong together, but some servers leave out the blank line between events.
function joinedOrApart(lines: readonly string[]): readonly string[] {
  const joined = lines.join("\n");
  return lines.length === 1 || isRecord(parseJson(joined)) ? [joined] : lines;
}

function addChunk(completion: WireCompletion, json: string): WireCompletion {
  const parsed = parseJson(json);
  if (!isRecord(parsed)) return completion;
  const choices = asList(parsed.choices).map(asRecord);
  const finishReason = choices.map((choice) => asText(choice.finish_reason)).findLast((reason) => reason !== null);
  return {
    usage: isRecord(parsed.usage) ? asRecord(asRecord(parseKeepingCost(json)).usage) : completion.usage,
    generationId: asText(parsed.id) ?? completion.generationId,
    providerModel: asText(parsed.model) ?? completion.providerModel,
    finishReason: finishReason ?? completion.finishReason,
    outputCharacters: choices.reduce((sum, choice) => sum + choiceCharacters(choice), completion.outputCharacters),
    isComplete: completion.isComplete,
  };
}

function choiceCharacters(choice: Readonly<Record<string, unknown>>): number {
  const said = isRecord(choice.delta) ? choice.delta : asRecord(choice.message);
  const calls = asList(said.tool_calls).map((call) => asRecord(asRecord(call).function).arguments);
  const texts = [said.content, said.reasoning ?? said.reasoning_content, ...calls];
  return texts.reduce<number>((sum, text) => sum + (asText(text)?.length ?? 0), 0);
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}

interface ReviverContext {
  readonly source?: string;
}

// ES2023's types lack the reviver's third argument; without it in the engine a cost stays the number it was.
function parseKeepingCost(json: string): unknown {
  const keepSource = (key: string, value: unknown, context?: ReviverContext): unknown =>
    key === "cost" && typeof value === "number" ? (context?.source ?? value) : value;
  try {
    return JSON.parse(json, keepSource);
  } catch {
    return parseJson(json);
  }
}
