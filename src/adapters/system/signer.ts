import { keyOf } from "../../domain/webhook/signature.ts";
import type { Signer } from "../../ports/signer.ts";

const algorithm = { name: "HMAC", hash: "SHA-256" };

export const systemSigner: Signer = {
  async sign(secret, text) {
    const bytes = Uint8Array.from(atob(keyOf(secret)), (character) => character.charCodeAt(0));
    const key = await crypto.subtle.importKey("raw", bytes, algorithm, false, ["sign"]);
    const signature = await crypto.subtle.sign(algorithm, key, new TextEncoder().encode(text));
    return btoa(String.fromCharCode(...new Uint8Array(signature)));
  },
};
