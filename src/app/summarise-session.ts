import { PantheonError } from "../contract/errors.ts";
import { type SessionId, TurnId } from "../contract/ids.ts";
import { draftSummary } from "../domain/turn/draft-summary.ts";
import type { Caller } from "../ports/caller.ts";
import type { Ids } from "../ports/ids.ts";
import type { Log } from "../ports/log.ts";
import type { MemoryStore, SummariseGround, SummaryTurn } from "../ports/memory-store.ts";
import type { Queue } from "../ports/queue.ts";
import type { TurnSettings } from "../ports/settings.ts";
import type { TurnStore } from "../ports/turns.ts";
import { found, notFound } from "./not-found.ts";
import { answerOnce, keptAnswer, type Once, type OncePorts } from "./once.ts";
import { postLetters } from "./post-letters.ts";
import { json, type Reply } from "./reply.ts";
import { keepTurnReply, type MadeTurn, turnReply } from "./turn-reply.ts";
import { unaffordable } from "./unaffordable.ts";

interface SummarisePorts extends OncePorts {
  readonly memory: Pick<MemoryStore, "loadSummariseGround" | "beginSummary">;
  readonly turns: Pick<TurnStore, "find">;
  readonly ids: Ids;
  readonly log: Log;
  readonly queue: Queue;
  readonly turnSettings: TurnSettings;
}

/** One read, a pure decision, one write. Where a summary is under way, or nothing is new, nothing is begun. */
export function summariseSession(
  ports: SummarisePorts,
  caller: Caller,
  sessionId: SessionId,
  once: Once | null,
): Promise<Reply> {
  return answerOnce(ports, caller, once, () => decide(ports, caller, { sessionId, once }));
}

async function decide(ports: SummarisePorts, caller: Caller, asked: Omit<Wanted, "ground">): Promise<Reply> {
  const ground = found(await ports.memory.loadSummariseGround(caller, asked.sessionId));
  const wanted = { ...asked, ground };
  const isAsWanted = ground.underWay !== null || ground.bulk?.messages === 0;
  return isAsWanted ? answerAsItIs(ports, caller, wanted) : begin(ports, caller, wanted);
}

interface Wanted {
  readonly sessionId: SessionId;
  readonly ground: SummariseGround;
  readonly once: Once | null;
}

/** What is under way may be what the same request began. */
async function answerAsItIs(ports: SummarisePorts, caller: Caller, { ground, once }: Wanted): Promise<Reply> {
  const kept = once === null ? null : await keptAnswer(ports, caller, once);
  if (kept !== null) return kept;
  if (ground.underWay !== null) return underWay(ports, caller, ground.underWay);
  if (ground.summary === null) throw new PantheonError("conflict", "There is nothing to sum up yet.");
  return json(200, ground.summary);
}

async function underWay({ turns }: SummarisePorts, caller: Caller, turnId: string): Promise<Reply> {
  const id = TurnId.parse(turnId);
  return json(202, found(await turns.find(caller, id)), { Location: `/api/v1/turns/${id}` });
}

async function begin(ports: SummarisePorts, caller: Caller, wanted: Wanted): Promise<Reply> {
  const { sessionId, ground, once } = wanted;
  const turn = toSummaryTurn(ports, ground);
  const made = toMade(turn, sessionId);
  const reply = once === null ? null : keepTurnReply(made, ground, once);
  const begun = await ports.memory.beginSummary(caller, sessionId, turn, reply);
  switch (begun.kind) {
    case "missing":
      throw notFound();
    case "unaffordable":
      throw unaffordable(begun.refusal);
    // Each round of this needs another summary that was written meanwhile.
    case "stale":
      return decide(ports, caller, wanted);
    case "busy":
      return answerAsItIs(ports, caller, { ...wanted, ground: { ...ground, underWay: begun.turn_id } });
    case "begun":
      await postLetters(ports, begun.letters);
      return turnReply(made, ground, begun.turn_index);
  }
}

/** Over everything that has ended, the recent turns too. */
function toSummaryTurn({ ids, clock, turnSettings }: SummarisePorts, ground: SummariseGround): SummaryTurn {
  const { throughTurnIndex, bulk } = ground;
  const reach = { throughTurnIndex, madeAtTurnIndex: throughTurnIndex, bulk };
  const draft = draftSummary({ ...ground, context: turnSettings.context, reach });
  if (draft === null) throw new PantheonError("model_unavailable", "No model of the room has a price.");
  const { plan, step } = draft;
  return {
    id: ids.uuid(),
    covered_through_turn_index: ground.summary?.through_turn_index ?? 0,
    plan,
    step: { id: ids.uuid(), ...step },
    created_at: clock.now().toISOString(),
  };
}

function toMade({ id, plan, step, created_at }: SummaryTurn, sessionId: SessionId): MadeTurn {
  const nothing = { message: null, metadata: {}, budget_units: null, error: null };
  return {
    id: TurnId.parse(id),
    session_id: sessionId,
    status: "queued",
    mode: "summary",
    rounds: plan.rounds,
    plan,
    steps: [step],
    created_at,
    ...nothing,
  };
}
