import { afterAll, beforeAll, expect, it } from "vitest";
import { createLive } from "../../src/adapters/upstash/live.ts";
import { TurnId } from "../../src/contract/ids.ts";
import { MessageDelta } from "../../src/contract/turn-events.ts";
import type { StandIn } from "../../src/local/serve.ts";
import { startRedis } from "../../src/local/upstash/start-redis.ts";
import type { Live } from "../../src/ports/live.ts";
import { eventually } from "../support/eventually.ts";

const token = "redis-token";
const wake = { kind: "wake" } as const;
let server: StandIn;
let live: Live;

beforeAll(async () => {
  server = await startRedis({ token });
  live = createLive({ redisUrl: server.url, redisToken: token, timeoutMs: 300_000 });
});
afterAll(() => server.stop());

async function setDown(down: boolean): Promise<void> {
  const headers = { authorization: `Bearer ${token}` };
  await fetch(`${server.url}/_faults`, { method: "PUT", headers, body: JSON.stringify({ down }) });
}

async function listening() {
  const id = TurnId.parse(crypto.randomUUID());
  const listener = live.listen(id);
  const opens = (isOpen: boolean) => eventually(() => expect(listener.isOpen()).toBe(isOpen));
  await opens(true);
  return { id, listener, opens };
}

it("carries signals to whoever listens to that turn, in order and to the letter", async () => {
  const [one, other] = [await listening(), await listening()];
  const said = {
    step_id: crypto.randomUUID(),
    agent_key: "ada",
    attempt: "1.0",
    offset: 0,
    text: 'a,b\n"c" \u2028 漢😀',
  };
  const delta = MessageDelta.parse({ turn_id: one.id, type: "message.delta", data: said });
  expect(await live.tell(one.id, { kind: "delta", delta })).toBe(1);
  expect(await live.tell(one.id, wake)).toBe(1);
  expect(await one.listener.next(300_000)).toEqual({ kind: "delta", delta });
  expect(await one.listener.next(300_000)).toEqual(wake);
  expect(await other.listener.next(1)).toBeNull();
  for (const { listener } of [one, other]) listener.close();
  await expect.poll(() => live.tell(one.id, wake)).toBe(0);
});

it("knows when Redis has gone, wakes who waited for a signal, and listens again when it is back", async () => {
  const { id, listener, opens } = await listening();
  const waiting = listener.next(60_000);
  await setDown(true);
  expect(await waiting).toBeNull();
  expect([listener.isOpen(), await live.tell(id, wake)]).toEqual([false, null]);
  await setDown(false);
  await opens(true);
  expect(await live.tell(id, wake)).toBe(1);
  expect(await listener.next(300_000)).toEqual(wake);
  listener.close();
  await expect.poll(() => live.tell(id, wake)).toBe(0);
});
