import { PantheonError } from "../contract/errors.ts";
import { type SessionId, TurnId } from "../contract/ids.ts";
import type { CreateTurn } from "../contract/turns.ts";
import { parseCredits } from "../domain/money/credits.ts";
import { draftTurn, type TurnDraft } from "../domain/turn/draft.ts";
import type { Caller } from "../ports/caller.ts";
import type { Ids } from "../ports/ids.ts";
import type { Live } from "../ports/live.ts";
import type { Log } from "../ports/log.ts";
import type { Queue } from "../ports/queue.ts";
import type { SchemaCheck } from "../ports/schema-check.ts";
import type { TurnSettings } from "../ports/settings.ts";
import type { NewTurn, TurnCreation, TurnGround, TurnStore } from "../ports/turns.ts";
import { refuseCallback, toCallback } from "./callback.ts";
import { found, notFound } from "./not-found.ts";
import { answerOnce, type Once, type OncePorts } from "./once.ts";
import { postLetters } from "./post-letters.ts";
import type { Reply } from "./reply.ts";
import { checkResponseSchema } from "./response-schema.ts";
import { toDraftInput, tooLarge } from "./turn-draft.ts";
import { rateHeaders } from "./turn-rate.ts";
import { keepTurnReply, turnReply } from "./turn-reply.ts";
import { unaffordable } from "./unaffordable.ts";
import { wakeWatchers } from "./wake-watchers.ts";

interface CreateTurnPorts extends OncePorts {
  readonly turns: Pick<TurnStore, "loadGround" | "create">;
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

type Drafted = Extract<TurnDraft, { readonly kind: "drafted" }>;

/** One read, a pure decision, one fenced write; then the queue is told, and if it cannot be, the sweep will. */
export function createTurn(
  ports: CreateTurnPorts,
  caller: Caller,
  wanted: WantedTurn,
  once: Once | null,
): Promise<Reply> {
  return answerOnce(ports, caller, once, async () => {
    const { turns, turnSettings } = ports;
    const ground = found(await turns.loadGround(caller, wanted.sessionId, turnSettings.context.recentTurnsToKeep));
    const id = TurnId.parse(ports.ids.uuid());
    checkResponseSchema(ports, wanted.input);
    const draft = decide(ground, { ...wanted.input, id }, turnSettings);
    const turn = toNewTurn(ports, ground, { ...wanted, id }, draft, once);
    const creation = refuseUncreated(await turns.create(caller, turn), turnSettings);
    await Promise.all([postLetters(ports, creation.letters), wakeWatchers(ports, creation.interrupted)]);
    if (turn.status === "failed") throw oversize(turn);
    const reply = turnReply(turn, ground, creation.turn_index);
    return { ...reply, headers: { ...reply.headers, ...rateHeaders(creation.slot, turnSettings) } };
  });
}

function decide(ground: TurnGround, input: CreateTurn & { readonly id: TurnId }, settings: TurnSettings): Drafted {
  const draft = draftTurn(toDraftInput(ground, input, settings));
  if (draft.kind === "refused") throw new PantheonError(draft.code, draft.message);
  return draft;
}

function toNewTurn(
  ports: CreateTurnPorts,
  ground: TurnGround,
  { id, sessionId, input }: WantedTurn & { readonly id: TurnId },
  draft: Drafted,
  once: Once | null,
): NewTurn {
  const { ids, clock, turnSettings } = ports;
  const turn: NewTurn = {
    id,
    session_id: sessionId,
    status: draft.oversize === null ? "queued" : "failed",
    on_busy: input.on_busy,
    mode: input.mode ?? ground.room.mode,
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
    reply: null,
  };
  return once === null || turn.status === "failed" ? turn : { ...turn, reply: keepTurnReply(turn, ground, once) };
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
      const headers = rateHeaders(creation.slot, settings);
      throw new PantheonError("rate_limited", "Too many turns were begun.", { retryAfterSeconds, headers });
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
