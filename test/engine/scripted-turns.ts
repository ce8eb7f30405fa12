import { beforeEach } from "vitest";
import type { Turn } from "../../src/contract/turns.ts";
import type { Furnished } from "../support/engine.ts";
import type { Bench } from "./engine-bench.ts";
import type { ScriptedReply } from "./modes-kit.ts";

export interface Played {
  readonly room: Furnished;
  readonly turn: Turn;
}

/** Turns of one mode, of whose models it is known beforehand what they will say. */
export function useScriptedTurns(bench: () => Bench, mode: string) {
  beforeEach(async () => {
    bench().resetModel();
    await bench().releaseQueue();
  });
  const script = (replies: readonly ScriptedReply[]) => bench().cloud.standIns.openRouter.setScript([...replies]);
  const play = async (
    keys: readonly string[],
    replies: readonly ScriptedReply[],
    turn: object = {},
  ): Promise<Played> => {
    script(replies);
    const room = await bench().furnish(keys);
    return { room, turn: await room.finish(await room.send("What first?", { mode, ...turn })) };
  };
  return { script, play };
}
