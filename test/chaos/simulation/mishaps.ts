import type { ModelFailureType } from "../../../src/ports/model.ts";
import type { Random } from "./random.ts";

export type Mishap = ModelFailureType | "silent" | "slow" | "garbage";

const mishaps: readonly [Mishap, ...Mishap[]] = [
  "rate_limited",
  "rate_limited",
  "provider_unavailable",
  "timeout",
  "cut_stream",
  "invalid_reply",
  "empty_reply",
  "refused",
  "content_filter",
  "silent",
  "slow",
  "slow",
];

/** Where a form is asked for, most go wrong in it. */
const mishapsInForm: readonly [Mishap, ...Mishap[]] = [...mishaps, ...Array<Mishap>(24).fill("garbage")];

interface MishapInput {
  readonly random: Random;
  readonly faultRate: () => number;
  readonly isForm: boolean;
  /** Its step was answered with garbage before. */
  readonly isStubborn: boolean;
}

/** A model that did not keep to the form may well do so again when it is told. */
export function drawMishap({ random, faultRate, isForm, isStubborn }: MishapInput): Mishap | null {
  if (isForm && isStubborn && faultRate() > 0 && random.chance(0.6)) return "garbage";
  return random.chance(faultRate()) ? random.pick(isForm ? mishapsInForm : mishaps) : null;
}

export function failureOf(type: ModelFailureType, random: Random) {
  const isTransient = type !== "refused" && type !== "content_filter";
  const retryAfterSeconds = type === "rate_limited" ? random.pick([1, 3, 20, 120]) : null;
  return { type, message: `injected ${type}`, isTransient, retryAfterSeconds };
}
