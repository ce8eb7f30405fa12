export interface ParsedTags {
  /** Keys as the roster spells them, in the order of their first tag. */
  readonly tagged: readonly string[];
  /** As the message spells them; of very many the first. */
  readonly unknown: readonly string[];
}

const maxUnknown = 100;

// A letter or digit before the sign, directly or through + % -, makes it part of an e-mail address.
const tagPattern = /(?<![\p{L}\p{N}_][+%-]*)@([A-Za-z0-9_-]+)/gu;

export function parseTags(message: string, roster: readonly { readonly key: string }[]): ParsedTags {
  const keyByLowerCase = new Map(roster.map(({ key }) => [key.toLowerCase(), key]));
  const tagged = new Set<string>();
  const unknownByLowerCase = new Map<string, string>();
  for (const [, tag = ""] of message.matchAll(tagPattern)) {
    const lowerCase = tag.toLowerCase();
    const key = keyByLowerCase.get(lowerCase);
    if (key !== undefined) tagged.add(key);
    else if (unknownByLowerCase.size < maxUnknown && !unknownByLowerCase.has(lowerCase))
      unknownByLowerCase.set(lowerCase, tag);
  }
  return { tagged: [...tagged], unknown: [...unknownByLowerCase.values()] };
}
