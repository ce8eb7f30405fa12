import { PantheonError } from "../../contract/errors.ts";
import { type SessionId, TurnId } from "../../contract/ids.ts";
import type { SessionSummary } from "../../contract/memory.ts";
import type { Turn } from "../../contract/turns.ts";
import { draftSummary } from "../../domain/turn/draft-summary.ts";
import type { Caller } from "../../ports/caller.ts";
import type { IdempotencyKey } from "../../ports/idempotency.ts";
import type { Ids } from "../../ports/ids.ts";
import type { Log } from "../../ports/log.ts";
import type { MemoryStore, SummarizeSnapshot, SummaryTurn } from "../../ports/memory-store.ts";
import type { Queue } from "../../ports/queue.ts";
import type { TurnSettings } from "../../ports/settings.ts";
import type { TurnStore } from "../../ports/turns.ts";
import { publishOutbox } from "../engine/publish-outbox.ts";
import { findStored, type IdempotencyPorts, type Made, made, type ToStored, withIdempotency } from "../idempotency.ts";
import { found, notFound } from "../not-found.ts";
import { toCreatedTurn, type WrittenTurn } from "../turns/created-turn.ts";
import { unaffordable } from "../turns/unaffordable.ts";

const operation = "summarise_session";

interface SummarizePorts extends IdempotencyPorts {
  readonly memory: Pick<MemoryStore, "loadSummarizeSnapshot" | "beginSummary">;
  readonly turns: Pick<TurnStore, "find">;
  readonly ids: Ids;
  readonly log: Log;
  readonly queue: Queue;
  readonly turnSettings: TurnSettings;
}

/** The turn that makes the summary, or the summary in force where nothing is new. */
export type Summarized = Made<Turn> | { readonly inForce: SessionSummary };

/** One read, a pure decision, one write. Where a summary is under way, or nothing is new, nothing is begun. */
export function summarizeSession(
  ports: SummarizePorts,
  caller: Caller,
  sessionId: SessionId,
  key: IdempotencyKey | null,
): Promise<Summarized> {
  return withIdempotency(ports, caller, { operation, key }, (toStored) =>
    decide(ports, caller, { sessionId, key, toStored }),
  );
}

async function decide(ports: SummarizePorts, caller: Caller, asked: Omit<Wanted, "snapshot">): Promise<Summarized> {
  const snapshot = found(await ports.memory.loadSummarizeSnapshot(caller, asked.sessionId));
  const wanted = { ...asked, snapshot };
  const isAsWanted = snapshot.underWay !== null || snapshot.bulk?.messages === 0;
  return isAsWanted ? answerAsItIs(ports, caller, wanted) : begin(ports, caller, wanted);
}

interface Wanted {
  readonly sessionId: SessionId;
  readonly snapshot: SummarizeSnapshot;
  readonly key: IdempotencyKey | null;
  readonly toStored: ToStored<typeof operation>;
}

/** What is under way may be what the same request began. */
async function answerAsItIs(ports: SummarizePorts, caller: Caller, { snapshot, key }: Wanted): Promise<Summarized> {
  const stored = await findStored(ports, caller, { operation, key });
  if (stored !== null) return stored;
  if (snapshot.underWay !== null) return underWay(ports, caller, snapshot.underWay);
  if (snapshot.summary === null) throw new PantheonError("conflict", "There is nothing to sum up yet.");
  return { inForce: snapshot.summary };
}

async function underWay({ turns }: SummarizePorts, caller: Caller, turnId: string): Promise<Made<Turn>> {
  return made(found(await turns.find(caller, TurnId.parse(turnId))));
}

async function begin(ports: SummarizePorts, caller: Caller, wanted: Wanted): Promise<Summarized> {
  const { sessionId, snapshot, toStored } = wanted;
  const turn = toSummaryTurn(ports, snapshot);
  const written = toWritten(turn, sessionId);
  const result = toStored(toCreatedTurn(written, snapshot, 0));
  const begun = await ports.memory.beginSummary(caller, sessionId, turn, result);
  switch (begun.kind) {
    case "missing":
      throw notFound();
    case "unaffordable":
      throw unaffordable(begun.refusal);
    // Each round of this needs another summary that was written meanwhile.
    case "stale":
      return decide(ports, caller, wanted);
    case "busy":
      return answerAsItIs(ports, caller, { ...wanted, snapshot: { ...snapshot, underWay: begun.turn_id } });
    case "begun":
      await publishOutbox(ports, begun.outbox);
      return made(toCreatedTurn(written, snapshot, begun.turn_index));
  }
}

/** Over everything that has ended, the recent turns too. */
function toSummaryTurn({ ids, clock, turnSettings }: SummarizePorts, snapshot: SummarizeSnapshot): SummaryTurn {
  const { throughTurnIndex, bulk } = snapshot;
  const reach = { throughTurnIndex, madeAtTurnIndex: throughTurnIndex, bulk };
  const draft = draftSummary({ ...snapshot, context: turnSettings.context, reach });
  if (draft === null) throw new PantheonError("model_unavailable", "No model of the room has a price.");
  const { plan, step } = draft;
  return {
    id: ids.uuid(),
    covered_through_turn_index: snapshot.summary?.through_turn_index ?? 0,
    plan,
    step: { id: ids.uuid(), ...step },
    created_at: clock.now().toISOString(),
  };
}

function toWritten({ id, plan, step, created_at }: SummaryTurn, sessionId: SessionId): WrittenTurn {
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
