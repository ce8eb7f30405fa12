import type { Me } from "../contract/auth.ts";
import type { Caller } from "./caller.ts";

export interface IdentityStore {
  me(caller: Caller): Promise<Me>;
}
