import { afterAll, beforeAll, beforeEach, expect } from "vitest";
import type { Turn } from "../../src/contract/turns.ts";
import type { Furnished } from "../support/engine.ts";
import { useBench } from "./engine-kit.ts";
import { type RemoteTools, startTools, toolsOf } from "./tools-kit.ts";

/** A bench with a server of tools beside it, whose queue is held and whose clock can be moved on. */
export function useMailBench(names: readonly string[]) {
  let skippedMs = 0;
  let mail: RemoteTools | undefined;
  const bench = useBench({ ports: { clock: { now: () => new Date(Date.now() + skippedMs) } } });
  const theMail = () => {
    if (mail === undefined) throw new Error("the tools open before the first test");
    return mail;
  };
  beforeAll(async () => {
    mail = await startTools(names);
  });
  afterAll(() => theMail().stop());
  beforeEach(async () => {
    skippedMs = 0;
    theMail().called.length = 0;
    theMail().run = ({ name }) => `${name} done`;
    bench().resetModel();
    await bench().holdQueue();
  });
  return {
    bench,
    mail: theMail,
    skip: (ms: number) => {
      skippedMs += ms;
    },
    script: (...replies: Script) => bench().cloud.standIns.openRouter.setScript(replies),
    ...toolsOf(bench),
  };
}

type Script = Parameters<ReturnType<ReturnType<typeof useBench>>["cloud"]["standIns"]["openRouter"]["setScript"]>[0];

export const sendTo = (to: string) => ({ name: "mail_send", arguments: { to } });
export const calculate = (expression: string) => ({ name: "calculator", arguments: { expression } });

/** Rooms whose agents are asked about before they send. */
export function askingRooms({ bench, mail, addServer, give, read }: ReturnType<typeof useMailBench>) {
  const furnish = async (keys: readonly string[] = ["ada"], room: object = {}) => {
    const furnished = await bench().furnish(keys, room);
    await addServer(furnished, { name: "mail", url: mail().url, authorization: "Bearer s3cret" });
    for (const key of keys) await give(furnished, key, ["mail/*", "calculator"]);
    return furnished;
  };
  /** A turn that has come to rest at what its agent asks for. */
  const untilAsked = async (room: Furnished) => {
    const turn = await room.send("Mail them");
    expect(await bench().deliver(turn, 0)).toMatchObject({ status: 200 });
    const paused = await read(room, turn);
    return { turn, paused, ids: awaitedIn(paused).map(({ id }) => id) };
  };
  return { furnish, untilAsked };
}

export function awaitedIn(turn: Turn) {
  if (turn.pause?.code !== "approval_required") throw new Error(`the turn waits for no approval: ${turn.status}`);
  return turn.pause.approvals;
}

export const approved = (id: string | undefined) => ({ id: id ?? "", decision: "approved" });
export const denied = (id: string | undefined) => ({ id: id ?? "", decision: "denied" });
