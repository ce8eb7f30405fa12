const mostCharacters = 64;

/**
 * Names under which a server's tools are offered to a model: of the characters and the length that every provider
 * takes, and each its own. By the name that the server knows.
 */
export function nameRemoteTools(
  server: string,
  names: readonly string[],
  taken: readonly string[],
): ReadonlyMap<string, string> {
  const used = new Set(taken);
  const offeredByName = new Map<string, string>();
  for (const name of new Set(names)) {
    const offered = firstFree(`${plain(server, 20)}_${plain(name, mostCharacters)}`, used);
    used.add(offered);
    offeredByName.set(name, offered);
  }
  return offeredByName;
}

function firstFree(wanted: string, used: ReadonlySet<string>): string {
  for (let count = 1; ; count += 1) {
    const end = count === 1 ? "" : `_${count}`;
    const name = `${wanted.slice(0, mostCharacters - end.length)}${end}`;
    if (!used.has(name)) return name;
  }
}

function plain(name: string, characters: number): string {
  return name.replace(/[^A-Za-z0-9_-]/g, "_").slice(0, characters);
}
