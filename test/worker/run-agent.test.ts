import { expect, inject, onTestFinished, test } from "vitest";
import { runAgent } from "../../src/graph/run-agent.ts";
import { task } from "../graph/agent-kit.ts";
import { apiKey, clock, gatewayTo, request } from "../graph/gateway-kit.ts";
import { eventually } from "../support/eventually.ts";
import { holdDeadlines } from "../support/held-deadlines.ts";

const modelUrl = inject("modelUrl");
const ports = { model: gatewayTo(modelUrl), clock };

test("an agent replies in workerd, streamed and metered from the wire", async () => {
  const deltas: string[] = [];
  const result = await runAgent(ports, task({ onDelta: (text) => deltas.push(text) }));
  expect(result).toMatchObject({
    kind: "replied",
    calls: [{ status: "ok", httpStatus: 200, finishReason: "stop", usage: { isEstimated: false } }],
  });
  expect(deltas.length).toBeGreaterThan(1);
  expect(result).toMatchObject({ text: deltas.join("").trim() });
});

test("a run that is out of time stops in workerd, and a later one replies", async () => {
  const first = task({ deadlineAtMs: 0 });
  const stopped = await runAgent(ports, first);
  if (stopped.kind !== "unfinished") throw new Error(`expected an unfinished run, not ${stopped.kind}`);
  const result = await runAgent(ports, { ...task({ threadId: first.threadId }), checkpoint: stopped.checkpoint });
  expect(result).toMatchObject({ kind: "replied", calls: [{ status: "ok" }] });
});

test.each([
  ["hang_before_headers", "timeout", "aborted"],
  ["hang_mid_stream", "timeout", "aborted"],
  ["cut_stream", "cut_stream", "failed"],
  ["rate_limited", "rate_limited", "failed"],
  ["not_json", "invalid_reply", "failed"],
] as const)("through %s a call in workerd ends with %s and one record", async (fault, type, status) => {
  const content = `Through ${fault}?`;
  await faultsOf("PUT", { [fault]: { contains: content } });
  const messages = [{ role: "user" as const, content }];
  const deadlines = holdDeadlines(request().timeoutMs);
  onTestFinished(deadlines.restore);
  const calling = ports.model.call(request({ messages }));
  if (type === "timeout") {
    await eventually(async () => expect(await faultsOf("GET")).toMatchObject({ waiting: 1 }));
    deadlines.expire();
  }
  const result = await calling;
  expect(result.outcome).toMatchObject({ kind: "failed", failure: { type } });
  expect(result.calls).toMatchObject([{ status }]);
});

/** The model's switches, set first if any are given. */
async function faultsOf(method: "GET" | "PUT", faults?: object): Promise<unknown> {
  const headers = { authorization: `Bearer ${apiKey}`, "content-type": "application/json" };
  const url = new URL("/_faults", modelUrl);
  const answer = await fetch(url, {
    method,
    headers,
    ...(faults === undefined ? {} : { body: JSON.stringify(faults) }),
  });
  expect(answer.status).toBe(200);
  return answer.json();
}
