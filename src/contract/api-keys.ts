import * as z from "zod";
import { ApiKeyId } from "./ids.ts";
import { instant, label, timestamp } from "./text.ts";

export const scopes = [
  "rooms:read",
  "rooms:write",
  "sessions:read",
  "sessions:write",
  "turns:read",
  "turns:write",
  "money:read",
  "money:write",
  "webhooks:read",
  "webhooks:write",
] as const;

export const Scope = z.enum(scopes);
export type Scope = z.infer<typeof Scope>;

export const CreateApiKey = z.strictObject({
  name: label(120),
  scopes: z
    .array(Scope)
    .min(1)
    .max(scopes.length)
    .refine((list) => new Set(list).size === list.length, { message: "must not name a scope twice" }),
  expires_at: instant.nullable().default(null),
});
export type CreateApiKey = z.infer<typeof CreateApiKey>;

export const ApiKey = z
  .object({
    id: ApiKeyId,
    name: z.string(),
    prefix: z.string().meta({ description: "The part that may be shown and logged." }),
    scopes: z.array(Scope),
    expires_at: timestamp.nullable(),
    revoked_at: timestamp.nullable(),
    created_at: timestamp,
  })
  .meta({ id: "ApiKey" });
export type ApiKey = z.infer<typeof ApiKey>;

export const CreatedApiKey = ApiKey.extend({
  secret: z.string().nullable().meta({ description: "Shown once: null when an idempotent request is replayed." }),
}).meta({ id: "CreatedApiKey" });
export type CreatedApiKey = z.infer<typeof CreatedApiKey>;
