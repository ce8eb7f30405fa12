const maxCharacters = 64;
const maxOfServer = 24;

/**
 * Names under which a server's tools are offered to a model: of the characters and the length that every provider
 * takes, and each its own. By the name that the server knows. No two servers ever offer the same name, so that what was
 * approved of one is never carried out by another.
 */
export function nameRemoteTools(
  server: string,
  names: readonly string[],
  taken: readonly string[],
): ReadonlyMap<string, string> {
  const used = new Set(taken);
  const offeredByName = new Map<string, string>();
  for (const name of new Set(names)) {
    const offered = firstFree(`${prefixOf(server)}_${plain(name, maxCharacters)}`, used);
    used.add(offered);
    offeredByName.set(name, offered);
  }
  return offeredByName;
}

function firstFree(wanted: string, used: ReadonlySet<string>): string {
  for (let count = 1; ; count += 1) {
    const end = count === 1 ? "" : `_${count}`;
    const name = `${wanted.slice(0, maxCharacters - end.length)}${end}`;
    if (!used.has(name)) return name;
  }
}

/** Without a _, so that the first one ends it: - is doubled, and _ is -u. What is too long ends in a mark of all of it. */
function prefixOf(server: string): string {
  const whole = plain(server, Number.POSITIVE_INFINITY).replace(/-/g, "--").replace(/_/g, "-u");
  if (whole.length <= maxOfServer) return whole;
  const mark = `-h${hashOf(whole)}`;
  return `${whole.slice(0, maxOfServer - mark.length)}${mark}`;
}

/** FNV-1a. */
function hashOf(text: string): string {
  let hash = 0x811c9dc5;
  for (const character of text) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return (hash >>> 0).toString(36);
}

function plain(name: string, characters: number): string {
  return name.replace(/[^A-Za-z0-9_-]/g, "_").slice(0, characters);
}
