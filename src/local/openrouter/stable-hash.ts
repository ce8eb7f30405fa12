import { createHash } from "node:crypto";

export function digest(...parts: readonly string[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(`${part.length}:`).update(part);
  return hash.digest("hex");
}

/** The same parts give the same whole number, on every machine. */
export function stableNumber(...parts: readonly string[]): number {
  return Number.parseInt(digest(...parts).slice(0, 12), 16);
}

export function stableFraction(...parts: readonly string[]): number {
  return stableNumber(...parts) / 2 ** 48;
}

export function pick<T>(items: readonly [T, ...T[]], ...parts: readonly string[]): T {
  return items[stableNumber(...parts) % items.length] ?? items[0];
}

export function shuffled<T>(items: readonly T[], ...parts: readonly string[]): T[] {
  const keyed = items.map((item, index) => ({ item, key: digest(...parts, String(index)) }));
  return keyed.sort((left, right) => (left.key < right.key ? -1 : 1)).map(({ item }) => item);
}
