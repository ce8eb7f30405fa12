import * as z from "zod";
import { TurnEvent } from "../../src/contract/turn-events.ts";
import { type Arena, mintToken, post } from "../bench/arena.ts";
import type { Bench } from "../engine/engine-bench.ts";

export interface WatchedTurn {
  readonly url: string;
  readonly token: string;
  /** Its whole log, once it is over. */
  stored(): Promise<readonly TurnEvent[]>;
}

/** Where turns are watched: in this process, or through the Worker in its own runtime. */
export interface Ground {
  begin(wanted: { readonly mode: string; readonly rounds: number }): Promise<WatchedTurn>;
  setRedis(faults: object): Promise<void>;
  /** Null where there is no Worker to end. */
  readonly restart: (() => Promise<void>) | null;
}

const agentKeys = ["ada", "bob", "cyd"];
const message = `${agentKeys.map((key) => `@${key}`).join(" ")} what now?`;
const Stored = z.object({ data: z.array(TurnEvent) });
const Made = z.looseObject({ id: z.string() });
/** Longer than any lease. */
const leaseSeconds = 200;
const maxTries = 10;
/** Slow enough that connections are cut in the middle of a reply. */
const pace = { slow_tokens: { ms_per_chunk: 3 } };

export function groundOfBench(bench: Bench): Ground {
  return {
    setRedis: (faults) => bench.setFaults("redis", faults),
    restart: null,
    async begin({ mode, rounds }) {
      const room = await bench.furnish(agentKeys, { mode });
      const { token } = room.user;
      const { id } = await room.send(message, { rounds });
      const path = `/turns/${id}/events?limit=500`;
      return {
        url: `${bench.composed.ports.publicBaseUrl}/api/v1/turns/${id}/events`,
        token,
        stored: async () => (await bench.request("get", path, { token })).json(Stored).data,
      };
    },
  };
}

export function groundOfWorker(arena: Arena): Ground {
  const { cloud } = arena;
  cloud.standIns.openRouter.setFaults(pace);
  return {
    setRedis: (faults) => setRedis(arena, faults),
    async restart() {
      await arena.restart();
      // Whatever the Worker was doing is lost with it: its leases end, and the queue and the sweep bring it again.
      await arena.pass(leaseSeconds);
      await arena.worker.dispatchScheduled();
    },
    async begin({ mode, rounds }) {
      const token = await mintToken(cloud);
      const make = async (path: string, body: object) => Made.parse(await postUntilTaken(arena, token, path, body)).id;
      const room = await make("/rooms", { name: "Watched", mode });
      for (const agent_key of agentKeys) {
        const agent = { agent_key, name: agent_key, model_alias: "gpt-4o-mini", role_prompt: `You are ${agent_key}.` };
        await make(`/rooms/${room}/agents`, agent);
      }
      const id = await make(`/sessions/${await make(`/rooms/${room}/sessions`, {})}/turns`, { message, rounds });
      const url = `${arena.worker.url}/api/v1/turns/${id}/events`;
      const headers = { authorization: `Bearer ${token}` };
      const stored = async () => Stored.parse(await (await fetch(`${url}?limit=500`, { headers })).json()).data;
      return { url, token, stored };
    },
  };
}

/** Redis has been back for a moment only: the Worker may find that its connection is gone, and refuse to write. */
async function postUntilTaken(...asked: Parameters<typeof post>): Promise<unknown> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await post(...asked);
    } catch (error) {
      if (tries === maxTries || !String(error).includes("answered 503")) throw error;
    }
  }
}

async function setRedis({ cloud: { standIns, keys } }: Arena, faults: object): Promise<void> {
  const headers = { authorization: `Bearer ${keys.redisToken}`, "content-type": "application/json" };
  const init = { method: "PUT", headers, body: JSON.stringify(faults) };
  const response = await fetch(`${standIns.redis.url}/_faults`, init);
  if (!response.ok) throw new Error(`the faults of Redis were refused: ${await response.text()}`);
}
