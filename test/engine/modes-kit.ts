import * as z from "zod";
import { ContextAudit } from "../../src/contract/context-audits.ts";
import { TurnEvent } from "../../src/contract/turn-events.ts";
import type { Turn } from "../../src/contract/turns.ts";
import { Wallet } from "../../src/contract/wallet.ts";
import type { Furnished } from "../support/engine.ts";
import type { Bench } from "./engine-bench.ts";
import { chatRequests, messagesOf } from "./engine-kit.ts";

/** By these words of its prompt a call is told from the others of its turn. */
export const asks = {
  agent: "It is your turn, ",
  route: "Say now who works on",
  evaluate: "Judge now whether",
  synthesize: "Now answer the user",
  rank: "rank the answers",
  vote: "each of you votes",
} as const;
type Asked = keyof typeof asks;

type Script = Parameters<Bench["cloud"]["standIns"]["openRouter"]["setScript"]>[0];
export type ScriptedReply = Script[number];

const manager = "You are the manager of";

/** What the manager says to one kind of task, every time. */
export function managerSays(asked: Asked, reply: Partial<ScriptedReply>): ScriptedReply {
  return { system_contains: manager, contains: asks[asked], times: "always", ...reply };
}

/** What an agent says to one kind of task, every time. */
export function agentSays(key: string, asked: Asked, reply: Partial<ScriptedReply>): ScriptedReply {
  return { system_contains: `You are ${key}.`, contains: asks[asked], times: "always", ...reply };
}

export type Assigned = readonly (readonly [agentKey: string, instruction: string])[];

export function routing(assigned: Assigned, order: "parallel" | "sequence" = "parallel") {
  return {
    reason: "They know best.",
    assignments: assigned.map(([agent_key, instruction]) => ({ agent_key, instruction })),
    order,
  };
}

export const finish = { reason: "Enough.", verdict: "finish", assignments: [], order: "parallel" };

export function goOn(assigned: Assigned) {
  return { ...routing(assigned), verdict: "continue" };
}

/** What the stand-in was asked of this kind, each as one text, the system message first. */
export function promptsOf(bench: Bench, asked: Asked, speaker = ""): readonly string[] {
  const all = chatRequests(bench).map((request) => messagesOf(request));
  const own = all.filter((messages) => messages[0]?.content.includes(speaker) === true);
  return own
    .map((messages) => messages.map(({ content }) => content).join("\n\n"))
    .filter((prompt) => prompt.includes(asks[asked]));
}

export const managerPrompts = (bench: Bench, asked: Asked) => promptsOf(bench, asked, manager);

export function course(turn: Turn): readonly string[] {
  return turn.steps.map(({ purpose, agent_key, round, status }) => `${round} ${purpose} ${agent_key} ${status}`);
}

/** What the log tells, without what every event has. */
export async function eventsOf(bench: Bench, { user }: Furnished, turn: Turn): Promise<readonly TurnEvent[]> {
  const answer = await bench.request("get", `/turns/${turn.id}/events?limit=500`, { token: user.token });
  return answer.json(z.object({ data: z.array(TurnEvent) })).data;
}

export async function auditsOf(bench: Bench, { user }: Furnished, turn: Turn): Promise<readonly ContextAudit[]> {
  const answer = await bench.request("get", `/turns/${turn.id}/context`, { token: user.token });
  return answer.json(z.object({ data: z.array(ContextAudit) })).data;
}

export async function walletOf(bench: Bench, { user }: Furnished): Promise<Wallet> {
  return (await bench.request("get", "/wallet", { token: user.token })).json(Wallet);
}

/** Who was charged for what, in the order of the steps. */
export async function ledgerOf(bench: Bench, turn: Turn): Promise<readonly string[]> {
  const Row = z.object({ step_index: z.number(), agent_key: z.string(), purpose: z.string(), status: z.string() });
  const rows = await bench.rows(
    Row,
    `select s.step_index, e.agent_key, e.purpose, e.status from llm_call_events e join turn_steps s on s.id = e.step_id
     where e.turn_id = $1 order by s.step_index, e.attempt, e.ordinal`,
    [turn.id],
  );
  return rows.map((row) => `${row.step_index} ${row.purpose} ${row.agent_key} ${row.status}`);
}
