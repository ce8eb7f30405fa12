import { randomBytes } from "node:crypto";

export interface SigningKeys {
  readonly current: string;
  readonly next: string;
}

export interface Keyring {
  keys(): SigningKeys;
  /** The next key becomes the current one; messages in flight are signed with it from then on. */
  rotate(): SigningKeys;
}

export function createKeyring(initial: SigningKeys): Keyring {
  let keys = initial;
  return {
    keys: () => keys,
    rotate() {
      keys = { current: keys.next, next: `sig_${randomBytes(21).toString("base64url")}` };
      return keys;
    },
  };
}
