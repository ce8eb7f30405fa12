export interface QuotedBlock {
  readonly tag: string;
  readonly speaker: string;
  readonly key: string | undefined;
  readonly isUser: boolean;
  readonly text: string;
}

export interface Quoted {
  readonly blocks: readonly QuotedBlock[];
  /** What is left of the text when the blocks are taken out. */
  readonly rest: string;
  /** The same, apart where blocks stood in between. */
  readonly parts: readonly string[];
}

const OPEN_TAG = /<([a-z][\w-]{0,40})((?:\s{1,8}[\w-]{1,40}=(?:"[^"<>]{0,200}"|'[^'<>]{0,200}'))*)\s{0,8}>/giu;
const ATTRIBUTE = /([\w-]{1,40})=(?:"([^"<>]*)"|'([^'<>]*)')/gu;
const SPEAKER_NAMES = ["from", "speaker", "name", "author", "agent", "agent_name"] as const;
const KEY_NAMES = ["key", "agent_key", "speaker_key", "id"] as const;
const TEXT_NAMES = ["text", "content", "message", "output", "body"] as const;
const QUESTION_TAG = /^(?:user|question|user[_-](?:message|question|request)|task|request)$/iu;
const USER_NAME = /^(?:the )?(?:user|human|you)$/iu;
/** Nobody's words: what failed, what was before, what is asked of one. */
const SILENT_TAG = /^(?:error|summary|instruction)$/iu;
const EXAMINED_CHARACTERS = 200_000;
const BETWEEN_BLOCKS = "\f";

/** Reads other speakers' words out of a prompt: tags with a speaker attribute, JSON objects, `[Name]: text` lines. */
export function readQuotedBlocks(prompt: string): Quoted {
  const text = prompt.slice(-EXAMINED_CHARACTERS);
  const tagged = readTags(text);
  const blocks = [...tagged.blocks];
  const kept: string[] = [];
  for (const line of tagged.rest.split("\n")) {
    const found = readLine(line.trim());
    if (found.length > 0) blocks.push(...found);
    kept.push(found.length > 0 ? BETWEEN_BLOCKS : line);
  }
  const parts = kept.join("\n").split(BETWEEN_BLOCKS);
  const filled = parts.flatMap((part) => part.trim() || []);
  return {
    blocks,
    rest: parts
      .join("")
      .replace(/\n{3,}/gu, "\n\n")
      .trim(),
    parts: filled,
  };
}

function readTags(text: string): Omit<Quoted, "parts"> {
  const blocks: QuotedBlock[] = [];
  const unclosed = new Set<string>();
  const kept: string[] = [];
  let position = 0;
  for (const match of text.matchAll(OPEN_TAG)) {
    const [whole, tag = "", attributes = ""] = match;
    if (match.index < position || unclosed.has(tag)) continue;
    const block = blockOf(tag, attributes);
    if (block === undefined) continue;
    const start = match.index + whole.length;
    const end = text.indexOf(`</${tag}>`, start);
    if (end < 0) {
      unclosed.add(tag);
      continue;
    }
    kept.push(text.slice(position, match.index));
    if (!SILENT_TAG.test(tag)) blocks.push({ ...block, text: unescapeMarkup(text.slice(start, end)).trim() });
    position = end + tag.length + 3;
  }
  kept.push(text.slice(position));
  return { blocks, rest: kept.join(`\n${BETWEEN_BLOCKS}\n`).replace(/<\/?[a-z][\w-]{0,40}>/giu, "") };
}

function blockOf(tag: string, attributes: string): Omit<QuotedBlock, "text"> | undefined {
  const fields: Record<string, unknown> = {};
  for (const [, name = "", double, single] of attributes.matchAll(ATTRIBUTE)) {
    fields[name] = unescapeMarkup(double ?? single ?? "");
  }
  if (tag === "answer" && fields.label !== undefined) return answerOf(String(fields.label));
  const speaker = firstString(fields, SPEAKER_NAMES) ?? firstString(fields, KEY_NAMES);
  if (speaker === undefined && !QUESTION_TAG.test(tag) && !SILENT_TAG.test(tag)) return undefined;
  return speakerOf(tag, speaker ?? "user", fields);
}

/** An answer whose speaker is not told. */
function answerOf(label: string): Omit<QuotedBlock, "text"> {
  return { tag: "answer", speaker: `answer ${label}`, key: label, isUser: false };
}

function readLine(line: string): QuotedBlock[] {
  if (line.startsWith("{") || line.startsWith("[{")) return readJson(line);
  const named = /^\[([^\]\n]{1,80})\]:?\s+(.+)$/u.exec(line);
  if (named === null) return [];
  const [, speaker = "", text = ""] = named;
  return [{ ...speakerOf("line", speaker, {}), text }];
}

function readJson(line: string): QuotedBlock[] {
  const parsed = parseJson(line);
  const items: unknown[] = Array.isArray(parsed) ? parsed : [parsed];
  return items.flatMap((item) => {
    if (!isRecord(item)) return [];
    const text = firstString(item, TEXT_NAMES);
    const speaker = firstString(item, SPEAKER_NAMES) ?? firstString(item, KEY_NAMES) ?? roleSpeaker(item);
    if (text === undefined || speaker === undefined) return [];
    return [{ ...speakerOf("json", speaker, item), text }];
  });
}

function roleSpeaker(item: Readonly<Record<string, unknown>>): string | undefined {
  return item.role === "user" ? "user" : undefined;
}

function speakerOf(tag: string, speaker: string, fields: Readonly<Record<string, unknown>>): Omit<QuotedBlock, "text"> {
  const isUser = fields.role === "user" || QUESTION_TAG.test(tag) || USER_NAME.test(speaker);
  return { tag, speaker: speaker.slice(0, 60), key: firstString(fields, KEY_NAMES), isUser };
}

function firstString(fields: Readonly<Record<string, unknown>>, names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = fields[name];
    if (typeof value === "string" && value.trim() !== "") return value.trim();
  }
  return undefined;
}

export function unescapeMarkup(text: string): string {
  return text
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&amp;", "&");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
