import type { Scope } from "../contract/api-keys.ts";
import type { UserId } from "../contract/ids.ts";

/** Who asks. A user's token is proved before the database; a key is proved by the same read or write that it asks for. */
export type Caller =
  | {
      readonly kind: "user";
      readonly userId: UserId;
      readonly email: string | null;
      /** The sign-up grant waits for it. */
      readonly isEmailConfirmed: boolean;
    }
  | { readonly kind: "api_key"; readonly short: string; readonly secretHash: string; readonly scope: Scope | null };
