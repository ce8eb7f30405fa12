/** The entries of a list of allowed names that are a server's. No two servers of a room differ by case alone. */
export function allowedOf(allowed: readonly string[], server: string): readonly string[] {
  const prefix = `${server}/`.toLowerCase();
  return allowed.filter((name) => name.slice(0, prefix.length).toLowerCase() === prefix);
}

/** Whether entries of a server have its tool: by the tool's own name, or with all of the server's. */
export function isAllowed(entries: readonly string[], tool: string): boolean {
  return entries.some((entry) => {
    const name = entry.slice(entry.indexOf("/") + 1);
    return name === tool || name === "*";
  });
}
