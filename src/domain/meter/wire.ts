import { asList, asRecord, asText, isRecord } from "../text/record.ts";
import { countsTokens } from "./usage.ts";

/** What the wire text of a chat completion says about its own cost; `usage` is ready for `parseUsage`. */
export interface WireCompletion {
  readonly usage: Readonly<Record<string, unknown>> | null;
  /** The usage came with or after the reason to finish; one that came before may not count the whole reply. */
  readonly isUsageFinal: boolean;
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
  isUsageFinal: false,
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
  return readEvents(wireText);
}

/** Reads the events of a stream, the first of them or those that follow what was read. */
export function readEvents(streamText: string, earlier: WireCompletion = nothing): WireCompletion {
  let completion = earlier;
  for (const data of eventData(streamText)) {
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
  const reason = choices.map((choice) => asText(choice.finish_reason)).findLast((each) => each !== null);
  const finishReason = reason ?? completion.finishReason;
  const isReport = isRecord(parsed.usage) && (completion.usage === null || countsTokens(parsed.usage));
  return {
    usage: isReport ? asRecord(asRecord(parseKeepingCost(json)).usage) : completion.usage,
    isUsageFinal: isReport ? finishReason !== null : completion.isUsageFinal,
    generationId: asText(parsed.id) ?? completion.generationId,
    providerModel: asText(parsed.model) ?? completion.providerModel,
    finishReason,
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

const costFields: readonly string[] = ["cost", "upstream_inference_cost"];

// ES2023's types lack the reviver's third argument; without it in the engine a cost stays the number it was.
function parseKeepingCost(json: string): unknown {
  const keepSource = (key: string, value: unknown, context?: ReviverContext): unknown =>
    typeof value === "number" && costFields.includes(key) ? (context?.source ?? value) : value;
  try {
    return JSON.parse(json, keepSource);
  } catch {
    return parseJson(json);
  }
}
