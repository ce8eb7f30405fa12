import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, it } from "vitest";
import { serve } from "../../src/local/serve.ts";
import { useBench } from "../engine/engine-kit.ts";

const bench = useBench();
const cutAfterBytes = 900;
const heard: (string | null)[] = [];
let proxy: Awaited<ReturnType<typeof serve>>;

/** What lies between a client and us, and breaks every connection but does not end it. */
beforeAll(async () => {
  proxy = await serve(async ({ url, headers }, { outgoing }) => {
    heard.push(headers.get("last-event-id"));
    const { pathname } = new URL(url);
    const authorization = headers.get("authorization") ?? "";
    const sent = { authorization, accept: "text/event-stream", "last-event-id": heard.at(-1) ?? "" };
    const answer = await fetch(`${bench().composed.ports.publicBaseUrl}${pathname}`, { headers: sent });
    const bytes = new Uint8Array(await answer.arrayBuffer());
    if (bytes.byteLength > cutAfterBytes) setTimeout(() => outgoing.socket?.destroy(), 100);
    const head = new ReadableStream({
      start(controller) {
        controller.enqueue(bytes.subarray(0, cutAfterBytes));
        if (bytes.byteLength <= cutAfterBytes) controller.close();
      },
    });
    return new Response(head, { status: answer.status, headers: { "content-type": "text/event-stream" } });
  });
});
afterAll(() => proxy.stop());

async function runExample(turn: string, key: string) {
  const env = { ...process.env, PANTHEON_URL: proxy.url, PANTHEON_KEY: key, TURN: turn };
  const program = spawn(process.execPath, ["docs/examples/watch-turn.mjs"], { env });
  const ended = new Promise((resolve) => program.once("exit", resolve));
  const [said, complained] = await Promise.all([text(program.stdout), text(program.stderr)]);
  return { said, complained, code: await ended };
}

it("the example of the docs sees every event once, though its connection is cut again and again", async () => {
  const room = await bench().furnish(["ada", "bob"]);
  // No event is longer than what gets through before the next cut.
  bench().cloud.standIns.openRouter.setScript([{ text: "A short reply.", times: "always" }]);
  const { id } = await room.finish(await room.send("Go"));
  const { said, code } = await runExample(id, room.user.token);
  const types = ["turn.created", "turn.started", "step.started", "message.completed"];
  const expected = [...types, ...types.slice(2), "turn.completed"].map((type, place) => `${place + 1} ${type}`);
  expect(said.split("\n").filter((line) => line !== "")).toEqual(expected);
  expect(code).toBe(0);
  const resumedFrom = heard.map(Number);
  expect(heard.length).toBeGreaterThan(2);
  expect(resumedFrom).toEqual(resumedFrom.toSorted((one, other) => one - other));
  expect(new Set(resumedFrom).size).toBeGreaterThan(2);
});

it("the example of the docs gives up where there is nothing to watch", async () => {
  const room = await bench().furnish(["ada"]);
  const { complained, code } = await runExample(crypto.randomUUID(), room.user.token);
  expect(code).toBe(1);
  expect(complained).toContain("/api/v1/problems/not_found");
});
