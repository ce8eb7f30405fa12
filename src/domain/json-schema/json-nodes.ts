/** How many values a JSON value is made of, long texts counting for more than one; stops counting past the limit. */
export function weighJson(value: unknown, limit: number): number {
  let weight = 0;
  const open: unknown[] = [value];
  while (open.length > 0 && weight <= limit) {
    const one = open.pop();
    weight += typeof one === "string" ? 1 + Math.floor(one.length / 64) : 1;
    if (typeof one === "object" && one !== null) for (const part of Object.values(one)) open.push(part);
  }
  return weight;
}

/** Level by level: what is nested by a hostile hand would overflow a recursion. */
export function isDeeperThan(value: unknown, levels: number): boolean {
  let level: readonly unknown[] = [value];
  for (let depth = 0; depth < levels; depth += 1) {
    level = level.flatMap((one) => (typeof one === "object" && one !== null ? Object.values(one) : []));
    if (level.length === 0) return false;
  }
  return level.some((one) => typeof one === "object" && one !== null);
}
