/** What a list of allowed names has of a server, `*` for all of its tools. No two servers of a room differ by case alone. */
export function allowedOf(allowed: readonly string[], server: string): readonly string[] {
  const prefix = `${server}/`.toLowerCase();
  return allowed.flatMap((name) =>
    name.slice(0, prefix.length).toLowerCase() === prefix ? [name.slice(prefix.length)] : [],
  );
}
