/** In an order that the seed alone decides, whatever the order they came in. */
export function shuffleBy(seed: string, keys: readonly string[]): readonly string[] {
  const hashed = keys.map((key) => ({ key, hash: hashOf(`${seed}\n${key}`) }));
  return hashed
    .toSorted((left, right) => left.hash - right.hash || (left.key < right.key ? -1 : 1))
    .map(({ key }) => key);
}

/** FNV-1a, with the last mixing of MurmurHash3, so that texts that are alike end far apart. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
