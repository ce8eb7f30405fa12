import type { ToolStatus } from "../domain/tools/result.ts";
import type { Tool, ToolAnswer, ToolArguments } from "../domain/tools/tool.ts";

/** A tool that this step's agent may use. */
export interface AgentTool extends Tool {
  /** A run ends within this time, one way or another; 0 for one that does not wait. */
  readonly timeoutMs: number;
  readonly run: (given: ToolArguments, callId: string) => Promise<ToolAnswer>;
}

/** A call that waits for its result. */
export interface PendingCall {
  /** Ours, and of no other call ever. */
  readonly id: string;
  readonly name: string;
  readonly arguments: string;
  /** The step's first call is 1. */
  readonly number: number;
}

export type Decision = "approved" | "denied";

/** A call that a person has to decide on. */
export interface AwaitedCall {
  readonly id: string;
  readonly tool: string;
  readonly arguments: ToolArguments;
}

export interface ToolCallRecord {
  readonly id: string;
  readonly name: string;
  /** As the model gave them; no JSON for sure. */
  readonly arguments: string;
  readonly status: ToolStatus;
  /** Of the result before it was cut for the model. */
  readonly resultBytes: number;
  readonly latencyMs: number;
}
