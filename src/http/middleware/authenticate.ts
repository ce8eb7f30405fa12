import type { Context } from "hono";
import { looksLikeApiKey, parseApiKey } from "../../app/keys/api-key.ts";
import { notFound } from "../../app/not-found.ts";
import { PantheonError } from "../../contract/errors.ts";
import { UserId } from "../../contract/ids.ts";
import type { Caller } from "../../ports/caller.ts";
import type { Ports } from "../../ports/ports.ts";
import type { Access } from "../route.ts";
import type { Env } from "../variables.ts";

type AuthPorts = Pick<Ports, "tokens" | "digest" | "log">;

/** Proves a user's token; a key is only read here, and proved by the database in the request's own round trip. */
export async function authenticate(ports: AuthPorts, context: Context<Env>, access: Access): Promise<Caller> {
  const token = bearerOf(context.req.header("authorization"));
  if (token === null) throw unauthorized("This needs an access token or an API key in the Authorization header.");
  return looksLikeApiKey(token) ? readApiKey(ports, token, access) : proveToken(ports, token);
}

async function readApiKey(ports: AuthPorts, token: string, access: Access): Promise<Caller> {
  const parts = parseApiKey(token);
  if (parts === null) throw unauthorized("The API key is not valid.");
  const secretHash = await ports.digest.sha256Hex(parts.long);
  return { kind: "api_key", short: parts.short, secretHash, scope: access.kind === "scope" ? access.scope : null };
}

/** Only a key that is good learns what it may not do. What is for administrators is not there for anybody else. */
export async function refuseCaller(
  { identity, adminUserIds }: Pick<Ports, "identity" | "adminUserIds">,
  caller: Caller,
  access: Access,
): Promise<void> {
  if (access.kind !== "user" && access.kind !== "admin") return;
  if (caller.kind === "api_key") {
    await identity.me(caller);
    throw access.kind === "admin" ? notFound() : forbidden();
  }
  if (access.kind === "admin" && !adminUserIds.has(caller.userId)) throw notFound();
}

async function proveToken(ports: AuthPorts, token: string): Promise<Caller> {
  const verdict = await ports.tokens.verify(token);
  if (verdict.kind === "valid") {
    const { userId, email, isEmailConfirmed } = verdict;
    return { kind: "user", userId: UserId.parse(userId), email, isEmailConfirmed };
  }
  ports.log.info("token_refused", { reason: verdict.reason });
  throw unauthorized(verdict.reason === "expired" ? "The access token has expired." : "The access token is not valid.");
}

function bearerOf(header: string | undefined): string | null {
  const match = /^Bearer +([^\s]+) *$/i.exec(header ?? "");
  return match?.[1] ?? null;
}

function forbidden(): PantheonError {
  return new PantheonError("forbidden", "This needs a signed-in user; an API key cannot do it.");
}

function unauthorized(message: string): PantheonError {
  return new PantheonError("unauthorized", message);
}
