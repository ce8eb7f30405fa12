import * as z from "zod";

const maxTokenLength = 8_192;
const latestStartLeewaySeconds = 60;

const Header = z.object({ alg: z.string(), kid: z.string().optional(), crit: z.undefined().optional() });

const Claims = z.object({
  iss: z.string(),
  aud: z.union([z.string().transform((audience) => [audience]), z.array(z.string())]),
  exp: z.number(),
  nbf: z.number().optional(),
  sub: z.guid().toLowerCase(),
  role: z.literal("authenticated"),
  email: z.string().optional(),
  is_anonymous: z.boolean().optional(),
  user_metadata: z
    .object({ email_verified: z.literal(true) })
    .optional()
    .catch(undefined),
});

export type TokenHeader = z.infer<typeof Header>;
export type TokenClaims = z.infer<typeof Claims>;

export interface UnverifiedToken {
  readonly header: TokenHeader;
  readonly payload: unknown;
}

/** Reads a token without trusting it; null when it is no JWT at all. */
export function readToken(token: string): UnverifiedToken | null {
  if (token.length > maxTokenLength || !/^[\w-]+\.[\w-]+\.[\w-]*$/.test(token)) return null;
  const [headerPart = "", payloadPart = ""] = token.split(".");
  const header = Header.safeParse(decodePart(headerPart));
  const payload = decodePart(payloadPart);
  const isObject = typeof payload === "object" && payload !== null && !Array.isArray(payload);
  return header.success && isObject ? { header: header.data, payload } : null;
}

export interface ClaimRules {
  readonly issuer: string;
  readonly audience: string;
  readonly now: Date;
}

export function checkClaims(
  payload: unknown,
  { issuer, audience, now }: ClaimRules,
): TokenClaims | "claims" | "expired" {
  const parsed = Claims.safeParse(payload);
  if (!parsed.success) return "claims";
  const { iss, aud, exp, nbf } = parsed.data;
  const nowSeconds = now.getTime() / 1_000;
  if (iss !== issuer || !aud.includes(audience)) return "claims";
  if (nbf !== undefined && nbf > nowSeconds + latestStartLeewaySeconds) return "claims";
  return exp <= nowSeconds ? "expired" : parsed.data;
}

function decodePart(part: string): unknown {
  try {
    const binary = atob(part.replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}
