import type { Ids } from "../../ports/ids.ts";

export const systemIds: Ids = {
  uuid: ascendingUuids(Date.now, () => crypto.getRandomValues(new Uint8Array(10))),
  secretHex: (bytes) => toHex(crypto.getRandomValues(new Uint8Array(bytes))),
  secretBase64: (bytes) => btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(bytes)))),
};

const maxInOneMs = 0xfff;

/** Each sorts after the one before it, so that what is made together is listed in the order in which it was made. */
export function ascendingUuids(nowMs: () => number, drawChance: () => Uint8Array): () => string {
  let lastMs = 0;
  let place = 0;
  return () => {
    const chance = drawChance();
    const wantedMs = Math.max(nowMs(), place === maxInOneMs ? lastMs + 1 : lastMs);
    // The upper half is left to those that follow in the same millisecond.
    place = wantedMs > lastMs ? (((chance[0] ?? 0) << 8) | (chance[1] ?? 0)) & (maxInOneMs >> 1) : place + 1;
    lastMs = wantedMs;
    return uuidv7(lastMs, Uint8Array.from([place >> 8, place & 0xff, ...chance.slice(2)]));
  };
}

/** RFC 9562: 48 bits of milliseconds, then chance. */
export function uuidv7(nowMs: number, chance: Uint8Array): string {
  const time = nowMs.toString(16).padStart(12, "0");
  const rest = toHex(chance);
  const variant = (((chance[2] ?? 0) & 0x3f) | 0x80).toString(16).padStart(2, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7${rest.slice(1, 4)}-${variant}${rest.slice(6, 8)}-${rest.slice(8, 20)}`;
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
