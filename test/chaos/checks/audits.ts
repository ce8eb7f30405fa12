import type { MessageRow, Snapshot, StepRow, TurnRow } from "../simulation/snapshot-rows.ts";
import type { Aftermath } from "./aftermath.ts";

type AuditRow = Snapshot["audits"][number];

interface Call {
  readonly row: AuditRow;
  readonly turn: TurnRow;
  readonly step: StepRow;
}

/** The audit of each call accounts for every message before it exactly once, and its prompt is the one that was sent. */
export function findAuditViolations(aftermath: Aftermath): readonly string[] {
  const { snapshot, rebuilt } = aftermath;
  return [
    ...callsOf(snapshot).flatMap((call) => [
      ...(call.step.purpose === "summarize" ? [] : accountViolations(aftermath, call)),
      ...hashViolations(aftermath, call),
    ]),
    ...rebuilt
      .filter(({ outcome }) => outcome === "differs" || outcome === "lost")
      .map(({ step, attempt, outcome, detail }) => `audit: step ${step} attempt ${attempt} ${outcome}: ${detail}`),
  ];
}

function callsOf({ audits, turns, steps }: Snapshot): readonly Call[] {
  return audits.flatMap((row) => {
    const turn = turns.find(({ id }) => id === row.turn_id);
    const step = steps.find(({ turn_id, step_index }) => turn_id === row.turn_id && step_index === row.step_index);
    return turn === undefined || step === undefined || row.attempt === 0 ? [] : [{ row, turn, step }];
  });
}

function accountViolations({ snapshot, chronicle }: Aftermath, { row, turn, step }: Call): readonly string[] {
  const { includedMessageIds, ranges } = row.audit;
  const name = `step ${step.id} attempt ${row.attempt}`;
  const before = snapshot.messages.filter((message) => isBefore(message, { row, turn, step }));
  const summaryIds = snapshot.summaries.map(({ id }) => id);
  const included = includedMessageIds.filter((id) => !summaryIds.includes(id));
  const removed = row.audit.cuts.filter((cut) => cut.keptCharacters === undefined).map(({ messageId }) => messageId);
  const own = ownMessages(snapshot, step).map(({ id }) => id);
  const known = [...before.map(({ id }) => id), ...own];
  const isRight = ({ id, turn_index }: MessageRow) => {
    const times = [...included, ...removed].filter((other) => other === id).length;
    const unread = ranges.filter((range) => range.fromTurnIndex <= turn_index && turn_index <= range.throughTurnIndex);
    return times === 0 ? unread.length === 1 : times === 1 && (unread.length === 0 || chronicle.pinned.has(id));
  };
  return [
    ...before.filter((message) => !isRight(message)).map(({ id }) => `audit: ${name} does not account for ${id} once`),
    ...included.filter((id) => !known.includes(id)).map((id) => `audit: ${name} was shown ${id} of elsewhere`),
    ...own.filter((id) => !included.includes(id)).map((id) => `audit: ${name} was not shown ${id} of its turn`),
    ...replacedViolations(snapshot, { row, turn, step }).map((fault) => `audit: ${name} ${fault}`),
  ];
}

/** A turn that another went ahead of has yet to say its words. */
function isBefore({ session_id, turn_index, is_in_history, created_at }: MessageRow, { row, turn }: Call): boolean {
  const isEarlier = turn_index < turn.turn_index && Date.parse(created_at) <= Date.parse(row.created_at);
  return isEarlier && session_id === turn.session_id && is_in_history;
}

/** The user's words and what the step may see; of failures, one that ranks sees nothing. */
function ownMessages({ messages }: Snapshot, { turn_id, sees, purpose }: StepRow): readonly MessageRow[] {
  return messages.filter(
    ({ turn_id: of, position, author }) =>
      of === turn_id &&
      (position === 0 || (sees.includes(position - 1) && !(purpose === "rank" && author === "failed_agent"))),
  );
}

/** Only a summary that was written replaces anything, and only what it covers. */
function replacedViolations({ summaries, messages }: Snapshot, { row, turn }: Call): readonly string[] {
  const { summaryId, cuts, ranges } = row.audit;
  const used = summaries.find(({ id }) => id === summaryId || cuts.some(({ messageId }) => messageId === id));
  const isOfSession = used === undefined || used.session_id === turn.session_id;
  const covered = used?.through_turn_index ?? 0;
  const replaced = cuts.filter(({ rule }) => rule === "replaced_by_summary").map(({ messageId }) => messageId);
  const indexes = [
    ...messages.filter(({ id }) => replaced.includes(id)).map(({ turn_index }) => turn_index),
    ...ranges.filter(({ rule }) => rule === "replaced_by_summary").map(({ throughTurnIndex }) => throughTurnIndex),
  ];
  return [
    ...(summaryId === null || used !== undefined ? [] : [`used a summary that was never written`]),
    ...(isOfSession ? [] : ["used a summary of another session"]),
    ...(indexes.every((index) => index <= covered) ? [] : [`replaced turns that no summary covers`]),
  ];
}

/** Of a run that goes on from a checkpoint, the prompt that it began with. */
function hashViolations({ chronicle }: Aftermath, { row, step }: Call): readonly string[] {
  const { promptHash } = row.audit;
  const upTo = chronicle.calls.filter((call) => call.step === step.id && call.token <= row.attempt);
  const own = upTo.find(({ token }) => token === row.attempt);
  if (promptHash === null || own === undefined) return [];
  const claim = chronicle.claims.find(
    (heard) => heard.step === step.id && heard.claim.kind === "won" && heard.claim.token === row.attempt,
  )?.claim;
  const isFresh = claim?.kind !== "won" || claim.checkpoint === null;
  const sent = isFresh ? [own] : upTo;
  return sent.some((call) => call.promptHash === promptHash)
    ? []
    : [`audit: ${own.requestId} was not made with the prompt of its audit`];
}
