import { PantheonError } from "../contract/errors.ts";
import type { CallRecord } from "../ports/model.ts";
import { createAgentGraph } from "./agent-graph.ts";
import type { AgentEnd, AgentPorts, AgentTask } from "./agent-state.ts";
import { createSaver } from "./saver.ts";
import { createStepStore, type StepStore } from "./step-store.ts";

/** Calls are those of this run alone; what an earlier one made was committed with its checkpoint. */
export type AgentResult = (AgentEnd | { readonly kind: "unfinished"; readonly checkpoint: string }) & {
  readonly calls: readonly CallRecord[];
};

/** Compiled once for each isolate. */
const agentGraph = createAgentGraph();

/** One agent's reply: from the start, or from where an unfinished run stopped. */
export async function runAgent(ports: AgentPorts, task: AgentTask): Promise<AgentResult> {
  const calls: CallRecord[] = [];
  const store = openStore(task);
  const state = await agentGraph.invoke(task.checkpoint === null ? {} : null, {
    configurable: { thread_id: task.threadId, [savesWith]: createSaver(store) },
    context: { ports, task, record: (made) => calls.push(...made) },
    durability: "exit",
  });
  if (state.end !== undefined) return { ...state.end, calls };
  const checkpoint = store.snapshot();
  if (checkpoint === null) throw new PantheonError("internal", "The agent graph stopped without a checkpoint.");
  return { kind: "unfinished", checkpoint, calls };
}

function openStore({ checkpoint, threadId }: AgentTask): StepStore {
  const store = createStepStore(checkpoint);
  if (checkpoint === null || store.has(threadId)) return store;
  throw new PantheonError("internal", "The step's checkpoint belongs to another step.");
}

// LangGraph's own key for the saver of one run; the graph itself, being shared, has none.
const savesWith = "__pregel_checkpointer";
