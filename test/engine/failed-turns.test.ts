import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { StepError, Turn } from "../../src/contract/turns.ts";
import { CreatedWebhookEndpoint } from "../../src/contract/webhooks.ts";
import type { FaultSwitchesInput } from "../../src/local/openrouter/fault-switches.ts";
import type { Furnished } from "../support/engine.ts";
import { eventually } from "../support/eventually.ts";
import { type Receiver, startReceiver } from "../webhook/receiver.ts";
import { useBench } from "./engine-kit.ts";

const bench = useBench({ variables: { WEBHOOK_ALLOW_LOOPBACK: "true" } });
let receiver: Receiver;

beforeAll(async () => {
  receiver = await startReceiver();
});
afterAll(() => receiver.stop());
beforeEach(async () => {
  bench().resetModel();
  await bench().releaseQueue();
});

async function furnish(keys: readonly string[]): Promise<Furnished> {
  const room = await bench().furnish(keys);
  const body = { url: `${receiver.url}/hooks`, events: ["turn.failed"] };
  const made = await bench().request("post", "/webhook_endpoints", { token: room.user.token, body });
  receiver.trust(made.json(CreatedWebhookEndpoint).secret ?? "");
  return room;
}

const Failed = z.object({ data: z.object({ status: z.literal("failed"), error: StepError }) });

/** What is told of the turn's end: by the turn itself, by its log, by its stream and by the webhook. */
async function toldOf({ user: { token } }: Furnished, { id }: Pick<Turn, "id">) {
  const path = `/turns/${id}/events`;
  const turn = (await bench().request("get", `/turns/${id}`, { token })).json(Turn);
  expect(turn.status).toBe("failed");
  const log = (await bench().request("get", path, { token })).json(z.object({ data: z.array(z.unknown()) }));
  const stream = await bench().request("get", path, { token, headers: { accept: "text/event-stream" } });
  const [, streamed = "null"] = [...stream.text.matchAll(/^event: turn\.failed\ndata: (.*)$/gm)].at(-1) ?? [];
  const heard = () => receiver.received.filter(({ body }) => body.data.turn_id === id);
  await eventually(() => expect(heard()).toHaveLength(1));
  const events = [log.data.at(-1), JSON.parse(streamed), heard()[0]?.body.data];
  return { turn, errors: [turn.error, ...events.map((event) => Failed.parse(event).data.error)] };
}

const fourTimes = (error: unknown) => [error, error, error, error];

/** A turn of one agent, of which what is awaited between claim and commit is the test's own choice. */
type Play = (room: Furnished) => Promise<Pick<Turn, "id">>;

const under =
  (faults: FaultSwitchesInput): Play =>
  async (room) => {
    bench().cloud.standIns.openRouter.setFaults(faults);
    return room.finish(await room.send("Go"));
  };

/** All claims of the step are used up before it is delivered once more. */
const exhausted: Play = async (room) => {
  await bench().holdQueue();
  const turn = await room.send("Go");
  await bench().write("update turn_steps set attempts = 5 where turn_id = $1", [turn.id]);
  await bench().deliver(turn, 0);
  await bench().releaseQueue();
  await bench().pass(60);
  await bench().sweep();
  return turn;
};

const outOfAttempts: Play = async (room) => {
  bench().cloud.standIns.openRouter.setFaults({ server_error: { status: 503 } });
  await bench().holdQueue();
  const turn = await room.send("Go");
  for (let attempt = 1; attempt <= 5; attempt += 1) {
    await bench().deliver(turn, 0);
    await bench().pass(40);
  }
  await bench().releaseQueue();
  await bench().sweep();
  return turn;
};

const poisoned: Play = async (room) => {
  await bench().holdQueue();
  const turn = await room.send("Go");
  await bench().releaseQueue();
  await bench().deliverBody(JSON.stringify({ v: 99, turn: turn.id, step: turn.steps[0]?.id }));
  return turn;
};

const oversized: Play = async ({ user, session }) => {
  const sent = { token: user.token, body: { message: "a".repeat(1_000_000) } };
  const { text } = await bench().request("post", `/sessions/${session.id}/turns`, sent);
  return { id: z.object({ turn_id: Turn.shape.id }).parse(JSON.parse(text)).turn_id };
};

/** Every way in which a turn may fail. */
const plays: readonly (readonly [string, string, Play])[] = [
  ["is refused by the provider", "refused", under({ bad_request: {} })],
  ["is filtered", "content_filter", under({ content_filter: {} })],
  ["says nothing twice", "empty_reply", under({ empty_reply: {} })],
  ["cannot be read twice", "invalid_reply", under({ not_json: {} })],
  ["finds no provider in all its attempts", "provider_unavailable", outOfAttempts],
  ["is claimed too often", "attempts_exhausted", exhausted],
  ["gets a message that cannot be carried out", "poison_message", poisoned],
  ["does not fit when it is sent", "context_budget_exceeded", oversized],
];

describe("a failed turn", () => {
  it.each(plays)("that %s says so, everywhere the same: %s", async (_what, type, play) => {
    const room = await furnish(["ada"]);
    const { turn, errors } = await toldOf(room, await play(room));
    expect(turn.error).toEqual({ type, message: expect.stringMatching(/./) });
    expect(errors).toEqual(fourTimes(turn.error));
    for (const { error } of turn.steps) if (error !== null) expect(turn.error).toEqual(error);
  });

  it.each(["manual", "roundtable"])(
    "of several agents says how many failed, and what the first did: %s",
    async (mode) => {
      const room = await furnish(["ada", "bob", "cyd"]);
      bench().cloud.standIns.openRouter.setFaults({
        content_filter: { system_contains: "You are bob." },
        bad_request: {},
      });
      const turn = await room.finish(await room.send("@ada @bob @cyd go", { mode }));
      const [first] = turn.steps;
      expect((await toldOf(room, turn)).errors).toEqual(
        fourTimes({ type: first?.error?.type, message: `All 3 agents failed; ada: ${first?.error?.message}` }),
      );
    },
  );

  it("tells no more of the first failure than 500 characters", async () => {
    const keys = Array.from({ length: 4 }, (_, index) => `${"a".repeat(30)}${index}`);
    const room = await furnish(keys);
    await bench().holdQueue();
    const turn = await room.send("Go");
    await bench().write(
      "update turn_steps set status = 'failed', error = jsonb_build_object('type', 'refused', 'message', repeat('é', 600)) where turn_id = $1",
      [turn.id],
    );
    const told = "select length(pantheon_failure_of($1)->>'message')";
    expect(await bench().count(told, [turn.id])).toBe(500);
  });

  it("of one agent in several rounds has that agent's error", async () => {
    const room = await furnish(["ada"]);
    bench().cloud.standIns.openRouter.setFaults({ bad_request: {} });
    const turn = await room.finish(await room.send("Go", { mode: "roundtable", rounds: 2 }));
    expect(turn.steps).toHaveLength(2);
    expect((await toldOf(room, turn)).errors).toEqual(fourTimes(turn.steps[0]?.error));
  });
});

it("a partial turn has no error of its own; its steps have theirs", async () => {
  const room = await bench().furnish(["ada", "bob"]);
  bench().cloud.standIns.openRouter.setFaults({ bad_request: { fail_next: 1 } });
  const turn = await room.finish(await room.send("Go", { mode: "roundtable" }));
  expect([turn.status, turn.error]).toEqual(["partial", null]);
  expect(turn.steps.map(({ error }) => error?.type ?? null)).toEqual(["refused", null]);
});
