import { PantheonError } from "../../contract/errors.ts";
import { type SessionId, TurnId } from "../../contract/ids.ts";
import type { RateLimit } from "../../contract/rate-limits.ts";
import type { CreateTurn, Turn } from "../../contract/turns.ts";
import { parseCredits } from "../../domain/money/credits.ts";
import { draftTurn, type TurnDraft } from "../../domain/turn/draft.ts";
import type { Caller } from "../../ports/caller.ts";
import type { IdempotencyKey } from "../../ports/idempotency.ts";
import type { Ids } from "../../ports/ids.ts";
import type { Live } from "../../ports/live.ts";
import type { Log } from "../../ports/log.ts";
import type { Queue } from "../../ports/queue.ts";
import type { SchemaCheck } from "../../ports/schema-check.ts";
import type { TurnSettings } from "../../ports/settings.ts";
import type { NewTurn, TurnCreation, TurnSnapshot, TurnStore } from "../../ports/turns.ts";
import { publishOutbox } from "../engine/publish-outbox.ts";
import { type IdempotencyPorts, type Made, made, withIdempotency } from "../idempotency.ts";
import { found, notFound } from "../not-found.ts";
import { refuseCallback, toCallback } from "./callback.ts";
import { toCreatedTurn } from "./created-turn.ts";
import { toRateLimits } from "./rate-limits.ts";
import { checkResponseSchema } from "./response-schema.ts";
import { toDraftInput, tooLarge } from "./turn-draft.ts";
import { unaffordable } from "./unaffordable.ts";
import { wakeWatchers } from "./wake-watchers.ts";

interface CreateTurnPorts extends IdempotencyPorts {
  readonly turns: Pick<TurnStore, "loadSnapshot" | "create">;
  readonly ids: Ids;
  readonly live: Live;
  readonly log: Log;
  readonly queue: Queue;
  readonly schemaCheck: SchemaCheck;
  readonly turnSettings: TurnSettings;
}

interface WantedTurn {
  readonly sessionId: SessionId;
  readonly input: CreateTurn;
}

/** The limits are known of a turn that was begun now. */
export interface CreatedTurn extends Made<Turn> {
  readonly limits?: readonly RateLimit[];
}

type Drafted = Extract<TurnDraft, { readonly kind: "drafted" }>;

/** One read, a pure decision, one fenced write; then the queue is told, and if it cannot be, the sweep will. */
export function createTurn(
  ports: CreateTurnPorts,
  caller: Caller,
  wanted: WantedTurn,
  key: IdempotencyKey | null,
): Promise<CreatedTurn> {
  return withIdempotency(ports, caller, { operation: "create_turn", key }, async (toStored) => {
    const { turns, turnSettings } = ports;
    const snapshot = found(await turns.loadSnapshot(caller, wanted.sessionId, turnSettings.context.recentTurnsToKeep));
    const id = TurnId.parse(ports.ids.uuid());
    checkResponseSchema(ports, wanted.input);
    const draft = decide(snapshot, { ...wanted.input, id }, turnSettings);
    const turn = toNewTurn(ports, snapshot, { ...wanted, id }, draft);
    const result = turn.status === "failed" ? null : toStored(toCreatedTurn(turn, snapshot, 0));
    const creation = refuseUncreated(await turns.create(caller, turn, result), turnSettings);
    await Promise.all([publishOutbox(ports, creation.outbox), wakeWatchers(ports, creation.interrupted)]);
    if (turn.status === "failed") throw oversize(turn);
    const created = toCreatedTurn(turn, snapshot, creation.turn_index);
    return { ...made(created), limits: toRateLimits(creation.slot, turnSettings) };
  });
}

function decide(snapshot: TurnSnapshot, input: CreateTurn & { readonly id: TurnId }, settings: TurnSettings): Drafted {
  const draft = draftTurn(toDraftInput(snapshot, input, settings));
  if (draft.kind === "refused") throw new PantheonError(draft.code, draft.message);
  return draft;
}

function toNewTurn(
  ports: CreateTurnPorts,
  snapshot: TurnSnapshot,
  { id, sessionId, input }: WantedTurn & { readonly id: TurnId },
  draft: Drafted,
): NewTurn {
  const { ids, clock, turnSettings } = ports;
  return {
    id,
    session_id: sessionId,
    status: draft.oversize === null ? "queued" : "failed",
    on_busy: input.on_busy,
    mode: input.mode ?? snapshot.room.mode,
    rounds: draft.plan.rounds,
    plan: draft.plan,
    metadata: input.metadata,
    ...toCallback(input.callback_url),
    budget_units: input.budget === null ? null : parseCredits(input.budget).toString(),
    error: draft.oversize === null ? null : { type: "context_budget_exceeded", message: tooLarge },
    message: { id: ids.uuid(), text: input.message, ...draft.message },
    steps: draft.steps.map((step) => ({ id: ids.uuid(), ...step })),
    audits: (draft.oversize?.audits ?? []).map((audit) => ({ id: ids.uuid(), ...audit })),
    created_at: clock.now().toISOString(),
    per_minute: turnSettings.perMinute,
    per_hour: turnSettings.perHour,
    rejection: draft.oversize?.rejection ?? null,
  };
}

function refuseUncreated(creation: TurnCreation, settings: TurnSettings): Extract<TurnCreation, { kind: "created" }> {
  switch (creation.kind) {
    case "missing":
      throw notFound();
    case "busy":
      throw new PantheonError("turn_in_progress", "The session has a turn in progress.", {
        extra: { turn_id: creation.turn_id },
      });
    case "rate_limited": {
      const { minute_count, minute_resets_in, hour_resets_in } = creation.slot;
      const retryAfterSeconds = Math.max(1, minute_count >= settings.perMinute ? minute_resets_in : hour_resets_in);
      const limits = toRateLimits(creation.slot, settings);
      throw new PantheonError("rate_limited", "Too many turns were begun.", { retryAfterSeconds, limits });
    }
    case "no_endpoint":
      throw refuseCallback("must have the origin of one of your active webhook endpoints");
    case "unaffordable":
      throw unaffordable(creation.refusal);
    case "created":
      return creation;
  }
}

function oversize(turn: NewTurn): PantheonError {
  return new PantheonError("context_budget_exceeded", tooLarge, { extra: { turn_id: turn.id, ...turn.rejection } });
}
