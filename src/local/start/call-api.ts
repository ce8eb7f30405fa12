import { setTimeout as sleep } from "node:timers/promises";
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

const maxTries = 6;

/** Whether this caller may read the address; a failing API is an error, not an answer. */
export async function isThere({ baseUrl, token }: ApiCaller, path: string): Promise<boolean> {
  const response = await fetch(`${baseUrl}/api/v1${path}`, { headers: { authorization: `Bearer ${token}` } });
  await response.body?.cancel();
  if (response.ok) return true;
  if ([401, 403, 404].includes(response.status)) return false;
  throw new Error(`GET ${path} was answered with ${response.status}`);
}

/** A busy machine may need longer than the Worker waits, which then closes its writes for a moment. */
export async function create<Schema extends z.ZodType>(
  caller: ApiCaller,
  creation: Creation,
  schema: Schema,
): Promise<z.infer<Schema>> {
  for (let tries = 1; ; tries += 1) {
    const response = await post(caller, creation);
    if (response.ok) return schema.parse(await response.json());
    const said = await response.text();
    if (response.status !== 503 || tries === maxTries)
      throw new Error(`POST ${creation.path} was answered with ${response.status}: ${said}`);
    await sleep(1000 * Number(response.headers.get("retry-after") ?? 1));
  }
}

function post({ baseUrl, token }: ApiCaller, { path, body, idempotencyKey }: Creation): Promise<Response> {
  return fetch(`${baseUrl}/api/v1${path}`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${token}`,
      "content-type": "application/json",
      "idempotency-key": idempotencyKey,
    },
    body: JSON.stringify(body),
  });
}
