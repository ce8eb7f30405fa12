import type * as z from "zod";

export interface ApiCaller {
  readonly baseUrl: string;
  /** An access token or an API key. */
  readonly token: string;
}

interface Creation {
  readonly path: string;
  readonly body: unknown;
  readonly idempotencyKey: string;
}

/** Whether this caller may read the address; a failing API is an error, not an answer. */
export async function isThere({ baseUrl, token }: ApiCaller, path: string): Promise<boolean> {
  const response = await fetch(`${baseUrl}/api/v1${path}`, { headers: { authorization: `Bearer ${token}` } });
  await response.body?.cancel();
  if (response.ok) return true;
  if ([401, 403, 404].includes(response.status)) return false;
  throw new Error(`GET ${path} was answered with ${response.status}`);
}

export async function create<Schema extends z.ZodType>(
  { baseUrl, token }: ApiCaller,
  { path, body, idempotencyKey }: Creation,
  schema: Schema,
): Promise<z.infer<Schema>> {
  const response = await fetch(`${baseUrl}/api/v1${path}`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${token}`,
      "content-type": "application/json",
      "idempotency-key": idempotencyKey,
    },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`POST ${path} was answered with ${response.status}: ${await response.text()}`);
  return schema.parse(await response.json());
}
