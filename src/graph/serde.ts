import type { SerializerProtocol } from "@langchain/langgraph-checkpoint";

export interface SerializedText {
  readonly type: string;
  readonly text: string;
}

const bigintMark = "pantheon:bigint";

/** The library's own format, kept as text: bytes in base64, and a bigint by its digits instead of silently lost. */
export async function serialize(serde: SerializerProtocol, value: unknown): Promise<SerializedText> {
  const [type, bytes] = await serde.dumpsTyped(mapPlain(value, markBigint));
  return { type, text: type === "json" ? new TextDecoder().decode(bytes) : toBase64(bytes) };
}

export async function deserialize(serde: SerializerProtocol, { type, text }: SerializedText): Promise<unknown> {
  const value: unknown = await serde.loadsTyped(type, type === "json" ? text : fromBase64(text));
  return mapPlain(value, unmarkBigint);
}

function markBigint(value: unknown): unknown {
  return typeof value === "bigint" ? { [bigintMark]: value.toString() } : undefined;
}

function unmarkBigint(value: unknown): unknown {
  if (typeof value !== "object" || value === null || !(bigintMark in value)) return undefined;
  const digits = value[bigintMark];
  return typeof digits === "string" && /^-?\d+$/.test(digits) ? BigInt(digits) : undefined;
}

/** Replaces inside arrays and plain objects; instances are left to the library, which knows its own. */
function mapPlain(value: unknown, replace: (value: unknown) => unknown): unknown {
  const replaced = replace(value);
  if (replaced !== undefined) return replaced;
  if (Array.isArray(value)) return value.map((item) => mapPlain(item, replace));
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapPlain(item, replace)]));
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function toBase64(bytes: Uint8Array): string {
  const chunks: string[] = [];
  for (let start = 0; start < bytes.length; start += 8192) {
    chunks.push(String.fromCharCode(...bytes.subarray(start, start + 8192)));
  }
  return btoa(chunks.join(""));
}

function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
