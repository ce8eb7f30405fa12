import * as z from "zod";
import { createApiKey } from "../../app/keys/create-api-key.ts";
import { removed } from "../../app/not-found.ts";
import { ApiKey, CreateApiKey, CreatedApiKey } from "../../contract/api-keys.ts";
import { ApiKeyId } from "../../contract/ids.ts";
import { listOf } from "../../contract/lists.ts";
import { IdListQuery } from "../list-query.ts";
import { created, noContent, ok } from "../render.ts";
import { type Access, defineRoute } from "../route.ts";

const access: Access = { kind: "user" };
const tag = "API keys";

export const apiKeyRoutes = [
  defineRoute({
    method: "post",
    path: "/api_keys",
    operationId: "createApiKey",
    summary: "Make an API key; its secret is shown once",
    tag,
    access,
    body: CreateApiKey,
    isCreate: true,
    answers: { 201: { description: "The key with its secret", schema: CreatedApiKey, headers: ["Location"] } },
    handle: ({ ports, caller, body, key }) => createApiKey(ports, caller, body, key),
    render: created<CreatedApiKey>(({ id }) => `/api_keys/${id}`),
  }),
  defineRoute({
    method: "get",
    path: "/api_keys",
    operationId: "listApiKeys",
    summary: "List the API keys, newest first, revoked ones too",
    tag,
    access,
    query: IdListQuery,
    answers: { 200: { description: "A page of keys", schema: listOf(ApiKey) } },
    handle: ({ ports, caller, query }) => ports.apiKeys.list(caller, query),
    render: ok,
  }),
  defineRoute({
    method: "delete",
    path: "/api_keys/:api_key_id",
    operationId: "revokeApiKey",
    summary: "Revoke an API key, at once and for good",
    tag,
    access,
    params: z.strictObject({ api_key_id: ApiKeyId }),
    answers: { 204: { description: "It is revoked" } },
    handle: async ({ ports, caller, params }) => removed(await ports.apiKeys.revoke(caller, params.api_key_id)),
    render: noContent,
  }),
];
