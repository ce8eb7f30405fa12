import { expect } from "vitest";
import * as z from "zod";
import { Agent } from "../../src/contract/agents.ts";
import { ToolServer } from "../../src/contract/tool-servers.ts";
import { TurnEvent } from "../../src/contract/turn-events.ts";
import { Turn } from "../../src/contract/turns.ts";
import type { NodeBindings } from "../../src/local/serve.ts";
import { answerOf, type McpStandIn, type Received, said, startMcp } from "../graph/mcp-kit.ts";
import type { Furnished } from "../support/engine.ts";
import type { Bench } from "./engine-bench.ts";
import { chatRequests } from "./engine-kit.ts";

export interface ToolCalled {
  readonly name: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly authorization: string | null;
}

export interface RemoteTools extends McpStandIn {
  readonly called: ToolCalled[];
  /** What a tool answers; counted before it is asked. */
  run: (called: ToolCalled, bindings: NodeBindings) => Promise<string> | string;
}

/** A server of these tools on this machine. */
export async function startTools(names: readonly string[]): Promise<RemoteTools> {
  const mcp = await startMcp();
  const called: ToolCalled[] = [];
  const tools: RemoteTools = Object.assign(mcp, { called, run: ({ name }: ToolCalled) => `${name} done` });
  mcp.answer = async (received, bindings) => {
    if (received.message?.method === "tools/list") return answerOf(received, { tools: names.map(toTool) });
    const call = toCalled(received);
    called.push(call);
    return answerOf(received, said(await tools.run(call, bindings)));
  };
  return tools;
}

function toTool(name: string) {
  const inputSchema = { type: "object", properties: { to: { type: "string" } } };
  return { name, description: `What ${name} is for.`, inputSchema };
}

function toCalled({ message, headers }: Received): ToolCalled {
  const { name, arguments: given } = z
    .object({ name: z.string(), arguments: z.record(z.string(), z.unknown()) })
    .parse(message?.params);
  return { name, arguments: given, authorization: headers.get("authorization") };
}

/** Words that come once it is opened. */
export function gate(words: string) {
  let open: () => void = () => undefined;
  const opened = new Promise<string>((resolve) => {
    open = () => resolve(words);
  });
  return { opened, open };
}

/** For tests that begin a bench: its rooms, what is given to their agents, and what is left of their calls. */
export function toolsOf(bench: () => Bench) {
  const give = async ({ user, room }: Furnished, agentKey: string, tools: readonly string[]) => {
    const sent = { token: user.token, body: { tools } };
    return (await bench().request("patch", `/rooms/${room.id}/agents/${agentKey}`, sent)).json(Agent);
  };
  const addServer = async ({ user, room }: Furnished, server: object) =>
    (await bench().request("post", `/rooms/${room.id}/tool_servers`, { token: user.token, body: server })).json(
      ToolServer,
    );
  const read = async ({ user }: Furnished, { id }: Turn) =>
    (await bench().request("get", `/turns/${id}`, { token: user.token })).json(Turn);
  const decide = ({ user }: Pick<Furnished, "user">, { id }: Turn, decisions: readonly object[]) =>
    bench().request("post", `/turns/${id}/approvals`, { token: user.token, body: { decisions } });
  return { give, addServer, read, decide };
}

const ToolRow = z.object({ id: z.string(), name: z.string(), status: z.string() });
const ToolEvent = z.object({ call_id: z.string(), tool: z.string(), status: z.string() });

/** That the rows of a turn's tool calls, the events of its log and its steps say the same. */
export async function expectOneStory(bench: Bench, turn: Turn): Promise<void> {
  const rows = await bench.rows(
    ToolRow,
    "select call_id as id, name, status from tool_calls where turn_id = $1 order by created_at, attempt, ordinal",
    [turn.id],
  );
  const events = await bench.rows(
    z.object({ data: ToolEvent }),
    "select data from turn_events where turn_id = $1 and type = 'tool.called' order by seq",
    [turn.id],
  );
  const shown = turn.steps.flatMap((step) => step.tool_calls.map(({ id, name, status }) => ({ id, name, status })));
  expect(byId(events.map(({ data }) => ({ id: data.call_id, name: data.tool, status: data.status })))).toEqual(
    byId(rows),
  );
  expect(byId(shown)).toEqual(byId(rows));
  expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
}

function byId(rows: readonly { readonly id: string }[]) {
  return rows.toSorted((one, other) => one.id.localeCompare(other.id));
}

/** A turn's log, as its user reads it. */
export async function eventsOf(bench: Bench, { user }: Furnished, { id }: Turn): Promise<readonly TurnEvent[]> {
  const answer = await bench.request("get", `/turns/${id}/events`, { token: user.token });
  return answer.json(z.object({ data: z.array(TurnEvent) })).data;
}

export function eventTypes(bench: Bench, { id }: Turn): Promise<readonly string[]> {
  const sql = "select type from turn_events where turn_id = $1 order by seq";
  return bench.rows(z.object({ type: z.string() }), sql, [id]).then((rows) => rows.map(({ type }) => type));
}

/** The names of the tools that a request of the model was given. */
export function offered(bench: Bench, index: number): readonly string[] {
  const Offer = z.object({ tools: z.array(z.object({ function: z.object({ name: z.string() }) })).default([]) });
  return Offer.parse(chatRequests(bench)[index]?.body).tools.map((tool) => tool.function.name);
}

/** What the tools answered, as a request of the model has it. */
export function resultsIn(bench: Bench, index: number): readonly string[] {
  const messages = chatRequests(bench)[index]?.messages ?? [];
  return messages.filter(({ role }) => role === "tool").map(({ content }) => String(content));
}

const units = z.coerce.bigint();
const Booked = z.object({ attempt: z.number(), status: z.string(), credit_units: units, charged_units: units });
const Books = z.object({ wallet: units, held: units, granted: units, charged: units, open: z.number() });

/** The ledger rows of a turn, in the order in which its calls were made. */
export function bookedOf(bench: Bench, { id }: Turn) {
  const sql = `select attempt, status, credit_units::text, charged_units::text from llm_call_events where turn_id = $1 order by created_at, attempt, ordinal`;
  return bench.rows(Booked, sql, [id]);
}

/** That a user has what was granted but for what calls were charged, and that nothing is held any more. */
export async function expectExactWallet(bench: Bench, { user }: Furnished): Promise<void> {
  const [books] = await bench.rows(
    Books,
    `select (select balance_units::text from accounts where owner_id = $1 and kind = 'wallet') as wallet,
       (select balance_units::text from accounts where owner_id = $1 and kind = 'held') as held,
       (select (-balance_units)::text from accounts where owner_id = $1 and kind = 'granted') as granted,
       (select coalesce(sum(charged_units), 0)::text from llm_call_events where owner_id = $1) as charged,
       (select count(*)::int from holds where owner_id = $1 and is_open) as open`,
    [user.id],
  );
  expect(books).toMatchObject({ held: 0n, open: 0 });
  expect(books?.wallet).toBe((books?.granted ?? 0n) - (books?.charged ?? 0n));
}
