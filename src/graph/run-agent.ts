import { PantheonError } from "../contract/errors.ts";
import type { ModelFailure } from "../ports/model.ts";
import { createAgentGraph } from "./agent-graph.ts";
import type { AgentEnd, AgentPorts, AgentTask, Journal, StopReason } from "./agent-state.ts";
import type { AwaitedCall, ToolCallRecord } from "./agent-tool.ts";
import { createInMemoryCheckpointStore, type InMemoryCheckpointStore } from "./checkpoint-store.ts";
import type { MadeCall } from "./made-call.ts";
import { createSaver } from "./saver.ts";

/**
 * Calls, of the model and of tools, are those of this run alone; what an earlier one made was committed with its checkpoint.
 */
export type AgentResult = (Exclude<AgentEnd, FailedEnd> | Stopped) & {
  readonly calls: readonly MadeCall[];
  readonly toolCalls: readonly ToolCallRecord[];
};

type FailedEnd = Extract<AgentEnd, { readonly kind: "failed" }>;

type Stopped =
  | { readonly kind: "unfinished"; readonly checkpoint: string }
  /** Goes on from its checkpoint once each call is decided on. */
  | { readonly kind: "awaiting_approval"; readonly awaited: readonly AwaitedCall[]; readonly checkpoint: string }
  /** With a checkpoint, another try need not repeat what went well: tools may have had their effect. */
  | { readonly kind: "failed"; readonly failure: ModelFailure; readonly checkpoint: string | null };

/** Compiled once for each isolate. */
const agentGraph = createAgentGraph();

/** Far above what the caps on tool calls and repairs let a run take. */
const maxNodes = 100;

/** One agent's reply: from the start, or from where an unfinished run stopped. */
export async function runAgent(ports: AgentPorts, task: AgentTask): Promise<AgentResult> {
  const calls: MadeCall[] = [];
  const toolCalls: ToolCallRecord[] = [];
  let why: StopReason = { kind: "out_of_time" };
  const journal: Journal = {
    called: (made) => calls.push(...made),
    usedTool: (call) => toolCalls.push(call),
    stopped: (reason) => {
      why = reason;
    },
  };
  const store = openStore(task);
  const { end } = await agentGraph.invoke(task.checkpoint === null ? {} : null, {
    configurable: { thread_id: task.threadId, [savesWith]: createSaver(store) },
    context: { ports, task, journal },
    durability: "exit",
    recursionLimit: maxNodes,
  });
  return { ...(end === undefined ? toStopped(why, checkpointIn(store)) : toEnd(end)), calls, toolCalls };
}

function toEnd(end: AgentEnd) {
  return end.kind === "failed" ? { ...end, checkpoint: null } : end;
}

function toStopped(why: StopReason, checkpoint: string): Stopped {
  return why.kind === "out_of_time" ? { kind: "unfinished", checkpoint } : { ...why, checkpoint };
}

function checkpointIn(store: InMemoryCheckpointStore): string {
  const checkpoint = store.snapshot();
  if (checkpoint === null) throw new PantheonError("internal", "The agent graph stopped without a checkpoint.");
  return checkpoint;
}

function openStore({ checkpoint, threadId }: AgentTask): InMemoryCheckpointStore {
  const store = createInMemoryCheckpointStore(checkpoint);
  if (checkpoint === null || store.has(threadId)) return store;
  throw new PantheonError("internal", "The step's checkpoint belongs to another step.");
}

// LangGraph's own key for the saver of one run; the graph itself, being shared, has none.
const savesWith = "__pregel_checkpointer";
