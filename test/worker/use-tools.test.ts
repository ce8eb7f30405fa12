import { expect, inject, test } from "vitest";
import { createSchemaCheck } from "../../src/adapters/json-schema/schema-check.ts";
import { runAgent } from "../../src/graph/run-agent.ts";
import { task } from "../graph/agent-kit.ts";
import { clock, gatewayTo } from "../graph/gateway-kit.ts";
import { builtIns } from "../graph/tool-kit.ts";

const ports = { model: gatewayTo(inject("modelUrl")), clock };
const asked = (content: string) => [{ role: "user" as const, content }];

test("an agent uses a tool in workerd, and stops where a person has to decide", async () => {
  const messages = asked("What is 17 * 23?");
  const result = await runAgent(ports, task({ messages, tools: builtIns }));
  expect(result).toMatchObject({ kind: "replied", toolCalls: [{ name: "calculator", status: "ok", resultBytes: 3 }] });

  const tools = builtIns.map((tool) => ({ ...tool, requiresApproval: true }));
  const first = task({ messages, tools });
  const stopped = await runAgent(ports, first);
  if (stopped.kind !== "awaiting_approval") throw new Error(`expected a question, not ${stopped.kind}`);
  const approvals = { [stopped.awaited[0]?.id ?? ""]: "approved" } as const;
  const next = { ...first, messages: [], checkpoint: stopped.checkpoint, approvals };
  expect(await runAgent(ports, next)).toMatchObject({ kind: "replied", toolCalls: [{ status: "ok" }] });
});

test("the clock knows the zones in workerd", async () => {
  const [tool] = builtIns.filter(({ name }) => name === "clock");
  const told = await tool?.run({ time_zone: "Asia/Tokyo" }, "call-1");
  expect(told).toEqual({ kind: "ok", text: expect.stringMatching(/^Thursday,? 1 January 1970 at 09:00:00 .+ \(Asia/) });
});

test("a structured reply is read and checked in workerd", async () => {
  const schema = {
    type: "object",
    properties: { verdict: { enum: ["yes", "no"] }, when: { type: "string", format: "date" } },
    required: ["verdict", "when"],
    additionalProperties: false,
  };
  const { check, checkSchema } = createSchemaCheck();
  expect(checkSchema(schema)).toBeNull();
  const readReply = (value: unknown) => {
    const [fault] = check(schema, value);
    if (fault !== undefined) return { kind: "invalid", fault: fault.message } as const;
    return { kind: "read", result: { kind: "structured", value }, text: null } as const;
  };
  const result = await runAgent(ports, task({ format: { name: "verdict", schema }, readReply }));
  expect(result).toMatchObject({
    kind: "replied",
    result: { kind: "structured", value: { when: expect.any(String) } },
  });
  expect(check(schema, { verdict: "perhaps", when: "2026-11-21" })).toMatchObject([{ pointer: "/verdict" }]);
});
