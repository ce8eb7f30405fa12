import { utf8Bytes } from "../domain/text/utf8.ts";
import { quoteResult, type ToolStatus } from "../domain/tools/result.ts";
import type { Clock } from "../ports/clock.ts";
import type { ResultMessage } from "../ports/model.ts";
import type { PendingCall, ToolCallRecord } from "./agent-tool.ts";
import type { CallPlan } from "./plan-call.ts";
import { wireIdOf } from "./take-calls.ts";

export interface SettledCall {
  readonly message: ResultMessage;
  readonly record: ToolCallRecord;
}

export interface ReadyCall {
  readonly call: PendingCall;
  readonly plan: CallPlan;
  /** Of the result, as the model gets to see it. */
  readonly maxBytes: number;
}

/** A call with its result, as the model gets to see it and as it is recorded. */
export async function settleCall({ call, plan, maxBytes }: ReadyCall, clock: Clock): Promise<SettledCall> {
  const startedAtMs = clock.now().getTime();
  const { status, text } = plan.kind === "answer" ? plan : await run(plan, call.id);
  const { id, name } = call;
  return {
    message: { role: "tool", content: quoteResult({ tool: name, status, text }, maxBytes), callId: wireIdOf(call) },
    record: {
      id,
      name,
      arguments: call.arguments,
      status,
      resultBytes: utf8Bytes(text),
      latencyMs: Math.max(0, clock.now().getTime() - startedAtMs),
    },
  };
}

interface Outcome {
  readonly status: ToolStatus;
  readonly text: string;
}

// A tool's own error may hold what is nobody's business.
async function run({ tool, given }: Extract<CallPlan, { readonly kind: "run" }>, callId: string): Promise<Outcome> {
  try {
    const { kind, text } = await tool.run(given, callId);
    return { status: kind, text };
  } catch {
    return { status: "failed", text: "The tool failed." };
  }
}
