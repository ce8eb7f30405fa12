import * as z from "zod";

/** Credits on the wire: a decimal string, never a float. Nine decimals are exact in bigint units. */
export const creditDecimals = 9;
export const creditPattern = /^(?:0|[1-9]\d{0,8})(?:\.\d{1,9})?$/;

export const Credits = z
  .string()
  .max(20)
  .regex(creditPattern, 'must be a decimal string such as "12.5", at most nine decimals')
  .meta({ examples: ["12.5"] });
export type Credits = z.infer<typeof Credits>;

/** A balance may be below zero where a counter-account shows; an input may not. */
export const SignedCredits = z.string().regex(/^-?(?:0|[1-9]\d{0,9})(?:\.\d{1,9})?$/);
export type SignedCredits = z.infer<typeof SignedCredits>;
