/** A seeded source of chance: equal seeds give equal draws on every machine. */
export interface Random {
  /** In [0, 1). */
  draw(): number;
  chance(probability: number): boolean;
  /** Both ends included. */
  between(low: number, high: number): number;
  pick<Item>(items: readonly [Item, ...Item[]]): Item;
  bytes(count: number): Uint8Array;
  /** A stream of its own, so that draws added to one purpose leave the others as they were. */
  fork(purpose: string): Random;
}

export function createRandom(seed: string): Random {
  const draw = sfc32(hashText(seed));
  const between = (low: number, high: number) => low + Math.floor(draw() * (high - low + 1));
  return {
    draw,
    between,
    chance: (probability) => draw() < probability,
    pick: (items) => items[between(0, items.length - 1)] ?? items[0],
    bytes: (count) => Uint8Array.from({ length: count }, () => between(0, 255)),
    fork: (purpose) => createRandom(`${seed}/${purpose}`),
  };
}

type State = readonly [number, number, number, number];

function sfc32(state: State): () => number {
  let [a, b, c, counter] = state;
  const draw = () => {
    const mixed = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + mixed;
    return (mixed >>> 0) / 2 ** 32;
  };
  for (let warming = 0; warming < 15; warming += 1) draw();
  return draw;
}

function hashText(text: string): State {
  const lane = (salt: number) => {
    let hash = 0x811c9dc5 ^ salt;
    for (let index = 0; index < text.length; index += 1)
      hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193 + salt * 2);
    return hash | 0;
  };
  return [lane(1), lane(2), lane(3), 1];
}
