/** Chance that a seed repeats. */
export interface Chance {
  below(limit: number): number;
  pick<T>(from: readonly [T, ...T[]]): T;
  isLucky(odds: number): boolean;
}

export function createChance(seed: number): Chance {
  let state = seed >>> 0;
  const draw = () => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number) => Math.floor(draw() * limit);
  return { below, pick: (from) => from[below(from.length)] ?? from[0], isLucky: (odds) => draw() < odds };
}
