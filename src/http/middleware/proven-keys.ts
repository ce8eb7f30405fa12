import type { Caller } from "../../ports/caller.ts";

type KeyCaller = Extract<Caller, { readonly kind: "api_key" }>;

/** Keys that the database took lately, in this isolate. Anyone can invent keys: only a proven one is a caller of its own. */
export interface ProvenKeys {
  has(caller: KeyCaller): boolean;
  /** What a request came to: 401 is the database's no. */
  note(caller: KeyCaller, status: number): void;
}

const maxKept = 2000;

export function createProvenKeys(): ProvenKeys {
  const proven = new Set<string>();
  const nameOf = ({ short, secretHash }: KeyCaller) => `${short}:${secretHash}`;
  return {
    has: (caller) => proven.has(nameOf(caller)),
    note(caller, status) {
      if (status === 401) proven.delete(nameOf(caller));
      else if (status < 400) proven.add(nameOf(caller));
      if (proven.size > maxKept) proven.clear();
    },
  };
}
