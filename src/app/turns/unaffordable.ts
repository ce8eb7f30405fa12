import { PantheonError } from "../../contract/errors.ts";
import type { Unaffordable } from "../../contract/turns.ts";

/** The limit that is in the way, with its figures in credits. */
export function unaffordable({ code, ...figures }: Unaffordable): PantheonError {
  const limit = code === "insufficient_credits" ? "The wallet" : `The budget of the ${figures.scope}`;
  const detail = `${limit} does not cover what this may cost: up to ${figures.needed} credits, ${figures.available} are left.`;
  return new PantheonError(code, detail, { extra: figures });
}
