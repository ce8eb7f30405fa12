import { type ChatRequest, systemText, textOf } from "../wire.ts";

export interface Quote {
  /** What its element says of it: who is quoted, or under which label. */
  readonly marks: readonly [string, ...string[]];
  readonly text: string;
}

/** What an actor knows of a request: its last user message, who it is, and what tools answered. */
export interface Scene {
  readonly self: string;
  /** The same request gives the same reply. */
  readonly seed: string;
  readonly question: string | undefined;
  readonly quotes: readonly Quote[];
  /** Quoted text of nobody's: what was kept of earlier. */
  readonly background: readonly string[];
  readonly toolResults: readonly string[];
}

const element = /<(\w+)((?: \w+="[^"<>]*")*)>([^<]*)<\/\1>/gu;
const longestQuestion = 140;

export function readScene(request: ChatRequest): Scene {
  const { messages } = request;
  const lastAsked = messages.findLastIndex(({ role }) => role === "user");
  const asked = messages[lastAsked];
  const text = asked === undefined ? "" : textOf(asked);
  const elements = [...text.matchAll(element)].filter(([, tag]) => tag !== "error");
  const isFirst = elements.length === 0 && !messages.some(({ role }) => role === "assistant");
  const self = systemText(request);
  return {
    self,
    seed: `${self}\n${text}`,
    question: questionIn(text.replaceAll(element, "\n\n"), isFirst),
    quotes: elements.flatMap(([, , attributes = "", body = ""]) => toQuote(attributes, body)),
    background: elements.flatMap(([, , attributes, body = ""]) => (attributes === "" ? [unescapeText(body)] : [])),
    toolResults: messages.slice(lastAsked + 1).flatMap((one) => (one.role === "tool" ? [textOf(one)] : [])),
  };
}

function toQuote(attributes: string, body: string): Quote[] {
  const [first, ...others] = [...attributes.matchAll(/="([^"]*)"/gu)].map(([, value = ""]) => unescapeText(value));
  return first === undefined ? [] : [{ marks: [first, ...others], text: unescapeText(body) }];
}

/** The last paragraph says what to do, unless it is all there is; the one before it is the user's newest. */
function questionIn(text: string, isFirst: boolean): string | undefined {
  const paragraphs = text.split(/\n\s*\n/u).flatMap((paragraph) => paragraph.trim() || []);
  const own = isFirst && paragraphs.length === 1 ? paragraphs : paragraphs.slice(0, -1);
  const newest = own.findLast((paragraph) => !paragraph.includes("\n"))?.replace(/^(?:@[\w-]+[,:]?\s+)+/u, "");
  const sentences = sentencesOf(newest ?? "");
  const question = sentences.findLast((sentence) => sentence.endsWith("?")) ?? sentences.at(-1);
  return question === undefined || question.length > longestQuestion ? undefined : question;
}

export function sentencesOf(text: string): string[] {
  return text.split(/(?<=[.!?])\s+|\n+/u).flatMap((sentence) => sentence.trim() || []);
}

function unescapeText(text: string): string {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"').replaceAll("&amp;", "&").trim();
}
