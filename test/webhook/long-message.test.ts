import { expect, it } from "vitest";
import * as z from "zod";
import { TurnEvent } from "../../src/contract/turn-events.ts";
import { WebhookBody } from "../../src/contract/webhook-bodies.ts";
import { CreatedWebhookEndpoint } from "../../src/contract/webhooks.ts";
import { maxBodyBytes } from "../../src/domain/webhook/write-body.ts";
import { useBench } from "../engine/engine-kit.ts";
import { eventually } from "../support/eventually.ts";
import { startReceiver } from "./receiver.ts";

const Log = z.object({ data: z.array(TurnEvent) });
const bench = useBench({ variables: { WEBHOOK_ALLOW_LOOPBACK: "true", CONTEXT_MAX_OUTPUT_TOKENS: "16000" } });

it("is told as far as it fits, signed as it is sent, and is whole in the log", async () => {
  const receiver = await startReceiver();
  const room = await bench().furnish(["ada"]);
  const { token } = room.user;
  const body = { url: receiver.url, events: ["message.completed"] };
  const made = await bench().request("post", "/webhook_endpoints", { token, body });
  receiver.trust(made.json(CreatedWebhookEndpoint).secret ?? "");
  bench().cloud.standIns.openRouter.setScript([{ text: 'She said "héllo 🏛️"\n'.repeat(1_500) }]);
  const turn = await room.finish(await room.send("Go"));
  await eventually(() => expect(receiver.received).toHaveLength(1));
  const log = await bench().request("get", `/turns/${turn.id}/events`, { token });
  const whole = log.json(Log).data.find((event) => event.type === "message.completed");
  const told = receiver.received[0]?.body;
  const text = whole?.type === "message.completed" ? whole.data.text : "";
  const size = Buffer.byteLength(JSON.stringify(told));
  expect([size <= maxBodyBytes, size > maxBodyBytes - 10]).toEqual([true, true]);
  expect(WebhookBody.parse(told).data).toMatchObject({
    seq: whole?.seq,
    data: { is_cut: true, text_bytes: Buffer.byteLength(text) },
  });
  expect(text.startsWith(String(Object(told?.data.data).text))).toBe(true);
  await receiver.stop();
});
