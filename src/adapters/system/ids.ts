import type { Ids } from "../../ports/ids.ts";

export const systemIds: Ids = {
  uuid: () => uuidv7(Date.now(), crypto.getRandomValues(new Uint8Array(10))),
  secretHex: (bytes) => toHex(crypto.getRandomValues(new Uint8Array(bytes))),
  secretBase64: (bytes) => btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(bytes)))),
};

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
