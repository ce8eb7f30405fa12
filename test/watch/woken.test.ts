import { describe, expect, it } from "vitest";
import { Session } from "../../src/contract/sessions.ts";
import { Turn } from "../../src/contract/turns.ts";
import { useBench } from "../engine/engine-kit.ts";
import { createFakeLive } from "../fakes/live.ts";
import type { Furnished } from "../support/engine.ts";

const live = createFakeLive();
const bench = useBench({ ports: { live } });
const wake = { kind: "wake" };

/** A turn that nothing works on, and an ear for what is said of it. */
async function stalled(room: Furnished, turn: object = {}) {
  await bench().holdQueue();
  const { id } = await room.send("Go", turn);
  const listener = live.listen(id);
  return { id, hears: () => listener.next(1) };
}

const remove = ({ user }: Furnished, path: string) => bench().request("delete", path, { token: user.token });

describe("whoever watches a turn is woken", () => {
  it("when another turn interrupts it, and not when one waits behind it", async () => {
    const room = await bench().furnish(["ada"]);
    const turn = await stalled(room);
    const behind = await stalled(room, { on_busy: "enqueue" });
    expect([await turn.hears(), await behind.hears()]).toEqual([null, null]);
    const next = await stalled(room, { on_busy: "interrupt" });
    expect([await turn.hears(), await turn.hears()]).toEqual([wake, null]);
    expect([await behind.hears(), await next.hears()]).toEqual([null, null]);
  });

  it("when its session is deleted, whether it runs or waits", async () => {
    const room = await bench().furnish(["ada"]);
    const turns = [await stalled(room), await stalled(room, { on_busy: "enqueue" })];
    const over = await stalled(room, { on_busy: "enqueue" });
    await bench().request("post", `/turns/${over.id}/cancel`, { token: room.user.token });
    expect(await over.hears()).toEqual(wake);
    expect((await remove(room, `/rooms/${room.room.id}/sessions/${room.session.id}`)).status).toBe(204);
    for (const turn of turns) expect([await turn.hears(), await turn.hears()]).toEqual([wake, null]);
    expect(await over.hears()).toBeNull();
    expect((await remove(room, `/rooms/${room.room.id}/sessions/${room.session.id}`)).status).toBe(404);
    for (const turn of turns) expect(await turn.hears()).toBeNull();
  });

  it("when its room is deleted, in whichever session it is", async () => {
    const room = await bench().furnish(["ada"]);
    const { token } = room.user;
    const elsewhere = await bench().request("post", `/rooms/${room.room.id}/sessions`, { token, body: {} });
    const path = `/sessions/${elsewhere.json(Session).id}/turns`;
    const turn = await stalled(room);
    const other = (await bench().request("post", path, { token, body: { message: "Go" } })).json(Turn);
    const listener = live.listen(other.id);
    const stranger = await stalled(await bench().furnish(["ada"]));
    expect((await remove(room, `/rooms/${room.room.id}`)).status).toBe(204);
    expect([await turn.hears(), await listener.next(1), await stranger.hears()]).toEqual([wake, wake, null]);
  });

  it("never in vain: what was not interrupted after all, is not told so", async () => {
    const room = await bench().furnish(["ada"]);
    const turn = await stalled(room);
    const body = { message: "Go", on_busy: "interrupt", budget: "0" };
    const path = `/sessions/${room.session.id}/turns`;
    expect((await bench().request("post", path, { token: room.user.token, body })).status).toBe(402);
    expect(await turn.hears()).toBeNull();
  });

  it("and what is deleted is deleted although nobody can be told", async () => {
    const room = await bench().furnish(["ada"]);
    await stalled(room);
    live.setUp(false);
    expect((await remove(room, `/rooms/${room.room.id}`)).status).toBe(204);
    live.setUp(true);
  });
});
