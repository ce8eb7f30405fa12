import { asRecord, isRecord } from "../../domain/text/record.ts";

export type RpcAnswer =
  | { readonly kind: "result"; readonly result: Readonly<Record<string, unknown>> }
  | { readonly kind: "error"; readonly code: number; readonly message: string };

const maxBytes = 65_536;
const blankLines = ["\r\n\r\n", "\n\n", "\r\r"];

/** Thrown inside the adapter only: what a server did that cannot be worked with, in words. */
export class BadAnswer extends Error {}

/** The answer to the request of this id: a body, or one event of a stream that may hold others. */
export async function readAnswer(response: Response, id: number): Promise<RpcAnswer | null> {
  const type = (response.headers.get("content-type") ?? "").toLowerCase();
  const isStream = type.startsWith("text/event-stream");
  if (!isStream && !type.includes("json")) return skip(response);
  let text = "";
  for await (const piece of piecesOf(response)) {
    text += piece;
    const end = isStream ? endOfLastEvent(text) : 0;
    const found = findEvent(text.slice(0, end), id);
    if (found !== null) return found;
    text = text.slice(end);
  }
  return isStream ? findEvent(text, id) : findMessage(parse(text), id);
}

export async function skip(response: Response): Promise<null> {
  await response.body?.cancel().catch(() => undefined);
  return null;
}

async function* piecesOf(response: Response): AsyncGenerator<string> {
  const reader = response.body?.getReader();
  if (reader === undefined) return;
  const decoder = new TextDecoder();
  let read = 0;
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      read += next.value.length;
      if (read > maxBytes) throw new BadAnswer(`its answer has more than ${maxBytes} bytes`);
      yield decoder.decode(next.value, { stream: true });
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

function endOfLastEvent(text: string): number {
  return Math.max(
    ...blankLines.map((blank) => {
      const at = text.lastIndexOf(blank);
      return at < 0 ? 0 : at + blank.length;
    }),
  );
}

function findEvent(text: string, id: number): RpcAnswer | null {
  for (const event of text.split(/\r\n\r\n|\n\n|\r\r/)) {
    const lines = event.split(/\r\n|\n|\r/).filter((line) => line.startsWith("data:"));
    const found = findMessage(parse(lines.map((line) => line.slice("data:".length)).join("\n")), id);
    if (found !== null) return found;
  }
  return null;
}

function findMessage(parsed: unknown, id: number): RpcAnswer | null {
  const messages: readonly unknown[] = Array.isArray(parsed) ? parsed : [parsed];
  const message = messages.find((one) => isRecord(one) && (one.id === id || isErrorOfNone(one)));
  if (!isRecord(message)) return null;
  if (isRecord(message.result)) return { kind: "result", result: message.result };
  if (!isRecord(message.error)) return null;
  const { code, message: words } = asRecord(message.error);
  return { kind: "error", code: typeof code === "number" ? code : 0, message: typeof words === "string" ? words : "" };
}

// A request that could not be read is answered under no id.
function isErrorOfNone(message: Readonly<Record<string, unknown>>): boolean {
  return (message.id === null || message.id === undefined) && isRecord(message.error);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
