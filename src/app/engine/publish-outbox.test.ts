import { expect, it } from "vitest";
import { PantheonError } from "../../contract/errors.ts";
import type { QueueMessage } from "../../ports/queue.ts";
import type { OutboxMessage } from "../../ports/turns.ts";
import { publishOutbox } from "./publish-outbox.ts";

const message: OutboxMessage = {
  kind: "step",
  target: "step-1",
  turn: "turn-1",
  generation: 4,
  attempt: 2,
  delay_seconds: 0,
};

function world(failure?: Error) {
  const published: (readonly QueueMessage[])[] = [];
  const [warnings, errors]: [unknown[], unknown[]] = [[], []];
  const ports = {
    queue: {
      publish: async (messages: readonly QueueMessage[]) => {
        if (failure !== undefined) throw failure;
        published.push(messages);
      },
    },
    log: {
      info: () => undefined,
      error: (...said: unknown[]) => void errors.push(said),
      warn: (...said: unknown[]) => void warnings.push(said),
    },
  };
  return { ports, published, warnings, errors };
}

it("publishes all messages in one request, ids only, each publish under an id of its own", async () => {
  const { ports, published } = world();
  expect(await publishOutbox(ports, [message, { ...message, target: "step-2", delay_seconds: 30 }])).toBe(true);
  expect(published).toEqual([
    [
      { entrypoint: "steps", body: '{"v":1,"turn":"turn-1","step":"step-1"}', deduplicationId: "step-1-4-2" },
      {
        entrypoint: "steps",
        body: '{"v":1,"turn":"turn-1","step":"step-2"}',
        deduplicationId: "step-2-4-2",
        delaySeconds: 30,
      },
    ],
  ]);
});

it("asks nothing of the queue when there is nothing to tell", async () => {
  const { ports, published } = world(new Error("never asked"));
  expect(await publishOutbox(ports, [])).toBe(true);
  expect(published).toEqual([]);
});

it("says so, and does not throw, when the queue cannot be told", async () => {
  const { ports, warnings } = world(new Error("gone"));
  expect(await publishOutbox(ports, [message])).toBe(false);
  expect(warnings).toEqual([["publish_failed", { messages: 1, error: "gone" }]]);
});

it("logs a refusal as an error, with the queue's own words", async () => {
  const refused = new PantheonError("dependency_unavailable", "Not available.", { refusal: "over quota" });
  const { ports, warnings, errors } = world(refused);
  expect(await publishOutbox(ports, [message])).toBe(false);
  expect([warnings, errors]).toEqual([
    [],
    [["publish_refused", { messages: 1, error: "Not available.", words: "over quota" }]],
  ]);
});
