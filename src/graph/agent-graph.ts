import { END, GraphInterrupt, type LangGraphRunnableConfig, START, StateGraph } from "@langchain/langgraph";
import { PantheonError } from "../contract/errors.ts";
import { checkReply } from "../domain/speaker/check-reply.ts";
import type { ModelOutcome } from "../ports/model.ts";
import { AgentContext, type AgentEnd, AgentState, type AgentTask } from "./agent-state.ts";
import { askAgain, repairableFailure } from "./repair.ts";

type Run = LangGraphRunnableConfig<AgentContext>;
type Update = Partial<AgentState>;

const repairsPerReply = 1;

/** prepare → model → (repair → model) → finish. It holds nothing of any run, so that one serves them all. */
export function createAgentGraph() {
  return new StateGraph(AgentState, AgentContext)
    .addNode("prepare", prepare)
    .addNode("model", callModel)
    .addNode("repair", repair)
    .addNode("finish", finish)
    .addEdge(START, "prepare")
    .addEdge("prepare", "model")
    .addConditionalEdges("model", afterModel, ["repair", "finish"])
    .addEdge("repair", "model")
    .addEdge("finish", END)
    .compile();
}

function prepare(_: AgentState, run: Run): Update {
  return { messages: contextOf(run).task.messages, repairsLeft: repairsPerReply };
}

async function callModel({ messages, repairsLeft }: AgentState, run: Run): Promise<Update> {
  const { ports, task, record } = contextOf(run);
  // Stops the run where this node stands; a later one starts again with it.
  if (!mayContinue(task, ports.clock.now().getTime())) throw new GraphInterrupt([{ value: "out_of_time" }]);
  const { providerModel, maxOutputTokens, modelTimeoutMs } = task;
  const request = { providerModel, messages, maxOutputTokens, timeoutMs: modelTimeoutMs };
  const { outcome, calls } = await ports.model.call(request, (text) =>
    task.onDelta(text, repairsPerReply - repairsLeft),
  );
  record(calls);
  return { outcome };
}

function mayContinue({ deadlineAtMs, modelTimeoutMs }: AgentTask, nowMs: number): boolean {
  return nowMs + modelTimeoutMs <= deadlineAtMs;
}

function afterModel({ outcome, repairsLeft }: AgentState): "repair" | "finish" {
  return repairsLeft > 0 && repairableFailure(outcome) !== null ? "repair" : "finish";
}

function repair({ messages, outcome, repairsLeft }: AgentState): Update {
  const failure = repairableFailure(outcome);
  return failure === null ? {} : { messages: askAgain(messages, failure.type), repairsLeft: repairsLeft - 1 };
}

function finish({ outcome }: AgentState, run: Run): Update {
  return { end: endOf(outcome, contextOf(run).task) };
}

function endOf(outcome: ModelOutcome, { roster, self }: AgentTask): AgentEnd {
  const spent = repairableFailure(outcome);
  if (spent !== null) return { kind: "failed", failure: { ...spent, isTransient: false } };
  if (outcome.kind === "failed") return outcome;
  const checked = checkReply(outcome.text, roster, self);
  switch (checked.kind) {
    case "ok":
      return { kind: "replied", text: checked.text, flags: [] };
    case "flagged":
      return { kind: "replied", text: checked.text, flags: checked.flags };
    case "empty":
      throw new PantheonError("internal", "A reply passed for text and is empty.");
  }
}

function contextOf({ context }: Run): AgentContext {
  if (context === undefined) throw new PantheonError("internal", "The agent graph was run without its context.");
  return context;
}
