import * as z from "zod";
import { untilAnswered } from "./until-answered.ts";

const Made = z.object({ id: z.string() });

export const SeenTurn = z.object({
  id: z.string(),
  status: z.string(),
  steps: z.array(z.object({ agent_key: z.string(), status: z.string(), output: z.string().nullable() })),
});
export type SeenTurn = z.infer<typeof SeenTurn>;

export interface ApiClient {
  readonly url: string;
  readonly token: string;
}

interface Sending {
  readonly key?: string;
  readonly body?: object;
}

/** A room in which ada and bob speak, with a session. On a busy machine changes are closed for a moment. */
export function makeSession(client: ApiClient, mode = "roundtable"): Promise<string> {
  return untilAnswered(() => furnishSession(client, mode));
}

async function furnishSession(client: ApiClient, mode: string): Promise<string> {
  const room = Made.parse(await call(client, "/rooms", { body: { name: "Killed", mode } }));
  for (const agent_key of ["ada", "bob"]) {
    const agent = { agent_key, name: agent_key, model_alias: "gpt-4o-mini", role_prompt: `You are ${agent_key}.` };
    await call(client, `/rooms/${room.id}/agents`, { body: agent });
  }
  return Made.parse(await call(client, `/rooms/${room.id}/sessions`, { body: {} })).id;
}

/** Asks until it is answered, always with the same key: a request that was cut may have taken effect. */
export function sendTurn(client: ApiClient, sessionId: string, place = 1): Promise<SeenTurn> {
  const body = { message: "Shall we?", on_busy: "enqueue", rounds: 1 };
  const sending = { key: `turn-${sessionId}-${place}`, body };
  return untilAnswered(async () => SeenTurn.parse(await call(client, `/sessions/${sessionId}/turns`, sending)));
}

/** Reads the turn until it is over. */
export function finishTurn(client: ApiClient, id: string): Promise<SeenTurn> {
  return untilAnswered(async () => {
    const turn = SeenTurn.parse(await call(client, `/turns/${id}`, {}));
    if (["queued", "running", "paused"].includes(turn.status)) throw new Error(`turn ${id} is ${turn.status}`);
    return turn;
  });
}

/** Reads the turn until its first agent has spoken and it still goes on. */
export async function untilSpoken(client: ApiClient, id: string): Promise<void> {
  await untilAnswered(async () => {
    const { steps } = SeenTurn.parse(await call(client, `/turns/${id}`, {}));
    if (steps[0]?.status !== "done") throw new Error(`turn ${id} has not been spoken in`);
  });
}

async function call({ url, token }: ApiClient, path: string, { key, body }: Sending): Promise<unknown> {
  const response = await fetch(`${url}/api/v1${path}`, {
    method: body === undefined ? "GET" : "POST",
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...(key === undefined ? {} : { "idempotency-key": key }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(5_000),
  });
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
  return response.json();
}
