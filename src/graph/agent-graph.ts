import { END, GraphInterrupt, type LangGraphRunnableConfig, START, StateGraph } from "@langchain/langgraph";
import { PantheonError } from "../contract/errors.ts";
import { utf8Bytes } from "../domain/text/utf8.ts";
import { nextResultBudget } from "../domain/tools/byte-budget.ts";
import { maxToolCalls } from "../domain/tools/tool.ts";
import type { ModelMessage, ModelOutcome, ModelRequest } from "../ports/model.ts";
import { AgentContext, AgentState, type AgentTask, type Journal, type StopReason } from "./agent-state.ts";
import { type Assessment, assess } from "./assess.ts";
import { toMadeCalls } from "./made-call.ts";
import { sortCalls } from "./plan-call.ts";
import { askAgain } from "./repair.ts";
import { settleCall } from "./settle-call.ts";
import { takeCalls } from "./take-calls.ts";

type Run = LangGraphRunnableConfig<AgentContext>;
type Update = Partial<AgentState>;

const repairsPerReply = 1;

/**
 * prepare → model → (tools → model)* → (repair → model) → finish. It holds nothing of any run, so that one serves them all.
 */
export function createAgentGraph() {
  return new StateGraph(AgentState, AgentContext)
    .addNode("prepare", prepare)
    .addNode("model", callModel)
    .addNode("tools", useTool)
    .addNode("repair", repair)
    .addNode("finish", finish)
    .addEdge(START, "prepare")
    .addEdge("prepare", "model")
    .addConditionalEdges("model", afterModel, ["tools", "repair", "finish"])
    .addConditionalEdges("tools", afterTools, ["tools", "model"])
    .addEdge("repair", "model")
    .addEdge("finish", END)
    .compile();
}

function prepare(_: AgentState, run: Run): Update {
  return { messages: contextOf(run).task.messages, repairsLeft: repairsPerReply, ...noCalls };
}

const noCalls = { replies: 0, asked: 0, pending: [] };

async function callModel(state: AgentState, run: Run): Promise<Update> {
  const { ports, task, journal } = contextOf(run);
  if (!isTimeFor(task, task.modelTimeoutMs, ports.clock.now().getTime())) return stop(journal, { kind: "out_of_time" });
  // A checkpoint of the build before tools has none of these.
  const { messages, replies, asked } = { ...noCalls, ...state };
  const { providerModel, tools, format, maxOutputTokens, modelTimeoutMs } = task;
  const mayCallTools = tools.length > 0 && asked <= maxToolCalls;
  const request = { providerModel, messages, tools, mayCallTools, format, maxOutputTokens, timeoutMs: modelTimeoutMs };
  const { outcome, made } = await callStreaming(contextOf(run), request, replies);
  journal.called(made);
  if (replies > 0 && isPassing(outcome, task)) return stop(journal, { kind: "failed", failure: outcome.failure });
  return { outcome, replies: replies + 1, ...asks(outcome, messages, asked) };
}

/** Words in plain text are handed on as they come; a form is not. */
async function callStreaming({ ports, task }: AgentContext, request: ModelRequest, replies: number) {
  let isShown = false;
  const tell = (text: string) => {
    isShown = true;
    task.onDelta(text, replies);
  };
  const result = await ports.model.call(request, request.format === null ? tell : undefined);
  return { outcome: result.outcome, made: toMadeCalls(result, isShown) };
}

/** A failure that neither the model nor a repeated request can help at once, and time may. */
function isPassing(outcome: ModelOutcome, task: AgentTask): outcome is Extract<ModelOutcome, { kind: "failed" }> {
  return outcome.kind === "failed" && outcome.failure.isTransient && assess(outcome, task).kind === "final";
}

function asks(outcome: ModelOutcome, messages: readonly ModelMessage[], asked: number): Update {
  if (outcome.kind !== "called") return {};
  const { message, pending } = takeCalls(outcome, asked);
  return { messages: [...messages, message], pending, asked: asked + pending.length };
}

/** Stops the run where its node stands; a later one starts again with it. */
function stop(journal: Journal, why: StopReason): never {
  journal.stopped(why);
  throw new GraphInterrupt([{ value: "stopped" }]);
}

function isTimeFor({ deadlineAtMs }: AgentTask, maxMs: number, nowMs: number): boolean {
  return nowMs + maxMs <= deadlineAtMs;
}

function afterModel({ outcome, repairsLeft }: AgentState, run: Run): "tools" | "repair" | "finish" {
  if (outcome.kind === "called") return "tools";
  return repairsLeft > 0 && assess(outcome, contextOf(run).task).kind === "mendable" ? "repair" : "finish";
}

/** One call at a time, so that a run may stop between any two; those that a person must decide on come last. */
async function useTool({ messages, pending }: AgentState, run: Run): Promise<Update> {
  const { ports, task, journal } = contextOf(run);
  const { next, awaited } = sortCalls(pending, task);
  if (next === null) return stop(journal, { kind: "awaiting_approval", awaited });
  const { call, plan } = next;
  const maxMs = plan.kind === "run" ? plan.tool.timeoutMs : 0;
  if (!isTimeFor(task, maxMs, ports.clock.now().getTime())) return stop(journal, { kind: "out_of_time" });
  const maxBytes = nextResultBudget(resultBytes(messages));
  const { message, record } = await settleCall({ call, plan, maxBytes }, ports.clock);
  journal.usedTool(record);
  return { messages: [...messages, message], pending: pending.filter(({ id }) => id !== call.id) };
}

function resultBytes(messages: readonly ModelMessage[]): number {
  return messages.reduce((sum, { role, content }) => (role === "tool" ? sum + utf8Bytes(content) : sum), 0);
}

function afterTools({ pending }: AgentState): "tools" | "model" {
  return pending.length > 0 ? "tools" : "model";
}

function repair({ messages, outcome, repairsLeft }: AgentState, run: Run): Update {
  const assessment = assessed(outcome, run);
  if (assessment.kind === "final") return {};
  return { messages: askAgain(messages, assessment.instruction), repairsLeft: repairsLeft - 1 };
}

function finish({ outcome }: AgentState, run: Run): Update {
  const assessment = assessed(outcome, run);
  return { end: assessment.kind === "final" ? assessment.end : assessment.spent };
}

function assessed(outcome: ModelOutcome, run: Run): Assessment {
  if (outcome.kind === "called") throw new PantheonError("internal", "A call for tools passed for a reply.");
  return assess(outcome, contextOf(run).task);
}

function contextOf({ context }: Run): AgentContext {
  if (context === undefined) throw new PantheonError("internal", "The agent graph was run without its context.");
  return context;
}
