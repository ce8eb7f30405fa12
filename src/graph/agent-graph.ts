import { END, GraphInterrupt, type LangGraphRunnableConfig, START, StateGraph } from "@langchain/langgraph";
import { PantheonError } from "../contract/errors.ts";
import { AgentContext, AgentState, type AgentTask } from "./agent-state.ts";
import { assess } from "./assess.ts";
import { askAgain } from "./repair.ts";

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
  const { providerModel, format, maxOutputTokens, modelTimeoutMs } = task;
  const request = { providerModel, messages, format, maxOutputTokens, timeoutMs: modelTimeoutMs };
  const tell = (text: string) => task.onDelta(text, repairsPerReply - repairsLeft);
  const { outcome, calls } = await ports.model.call(request, format === null ? tell : undefined);
  record(calls);
  return { outcome };
}

function mayContinue({ deadlineAtMs, modelTimeoutMs }: AgentTask, nowMs: number): boolean {
  return nowMs + modelTimeoutMs <= deadlineAtMs;
}

function afterModel({ outcome, repairsLeft }: AgentState, run: Run): "repair" | "finish" {
  return repairsLeft > 0 && assess(outcome, contextOf(run).task).kind === "mendable" ? "repair" : "finish";
}

function repair({ messages, outcome, repairsLeft }: AgentState, run: Run): Update {
  const assessment = assess(outcome, contextOf(run).task);
  if (assessment.kind === "final") return {};
  return { messages: askAgain(messages, assessment.instruction), repairsLeft: repairsLeft - 1 };
}

function finish({ outcome }: AgentState, run: Run): Update {
  const assessment = assess(outcome, contextOf(run).task);
  return { end: assessment.kind === "final" ? assessment.end : assessment.spent };
}

function contextOf({ context }: Run): AgentContext {
  if (context === undefined) throw new PantheonError("internal", "The agent graph was run without its context.");
  return context;
}
