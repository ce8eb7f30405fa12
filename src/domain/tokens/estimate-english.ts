/** The last three units, five bits each: of a word with two letters, the space before it is the zero in front. */
export const bitsPerUnit = 5;
export const keyMask = 0x7fff;

/** Small words of which English is full, and other languages are not. */
const words = ["the", "and", "of", "to", "for", "you", "are", "not", "but", "it", "has", "can", "our", "its"];

export const isEnglishKey = keyTable();

function keyTable(): Uint8Array {
  const table = new Uint8Array(keyMask + 1);
  for (const word of words) table[keyOf(word)] = 1;
  return table;
}

function keyOf(word: string): number {
  return [...word].reduce((key, letter) => ((key << bitsPerUnit) | (letter.charCodeAt(0) & 31)) & keyMask, 0);
}
