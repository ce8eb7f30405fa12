import { isDeepStrictEqual } from "node:util";
import { maxRenderedBytes } from "../../../src/domain/memory/render-summary.ts";
import { anyVow } from "../simulation/sends.ts";
import type { Snapshot, SummaryRow } from "../simulation/snapshot-rows.ts";
import type { Aftermath } from "./aftermath.ts";

/** Summaries follow each other without a gap, each reaching as far as its chunk did, and nothing decided is lost. */
export function findMemoryViolations(aftermath: Aftermath): readonly string[] {
  const { snapshot } = aftermath;
  return [
    ...snapshot.sessions.flatMap(({ id }) => [
      ...chainViolations(snapshot, id),
      ...vowViolations(snapshot, id),
      ...shownViolations(snapshot, id),
      ...overlapViolations(snapshot, id),
    ]),
    ...snapshot.summaries.flatMap((summary) => writerViolations(aftermath, summary)),
    ...sourceViolations(snapshot),
    ...correctionViolations(aftermath),
  ];
}

function chainViolations(snapshot: Snapshot, sessionId: string): readonly string[] {
  const chain = snapshot.summaries.filter(({ session_id }) => session_id === sessionId);
  return chain.flatMap((summary, place) => {
    const before = chain[place - 1];
    const name = `version ${summary.version} of session ${sessionId}`;
    return [
      ...(summary.version === place + 1 ? [] : [`memory: ${name} stands at place ${place + 1}`]),
      ...(isBefore(placeOf(summary), placeOf(before)) ? [`memory: ${name} reaches less far than the one before`] : []),
      ...(Buffer.byteLength(summary.rendered) <= maxRenderedBytes ? [] : [`memory: ${name} is too long`]),
      ...(isCovered(snapshot, summary, before) ? [] : [`lost: ${name} covers what nobody has summed up`]),
    ];
  });
}

type Place = readonly [turnIndex: number, position: number, offset: number];

/** Where the text begins that a summary does not cover. */
function placeOf(summary: SummaryRow | undefined): Place {
  if (summary === undefined) return [1, 0, 0];
  const { cursor, through_turn_index } = summary;
  return cursor === null ? [through_turn_index + 1, 0, 0] : [cursor.turn_index, cursor.position, cursor.offset];
}

function isBefore(left: Place, right: Place): boolean {
  const at = left.findIndex((part, index) => part !== right[index]);
  return at >= 0 && (left[at] ?? 0) < (right[at] ?? 0);
}

/** A call saw exactly what lies between two versions; of one that rules made there may be no call. */
function isCovered({ messages, audits, steps }: Snapshot, summary: SummaryRow, before?: SummaryRow): boolean {
  if (summary.step_id === null) return isDeepStrictEqual(placeOf(summary), placeOf(before));
  const [from, to] = [placeOf(before), placeOf(summary)];
  const wanted = messages
    .filter(({ session_id, is_in_history }) => session_id === summary.session_id && is_in_history)
    .map(({ id, turn_index, position, text }) => {
      const at = (offset: number): Place => [turn_index, position, offset];
      const length = [...text].length;
      const offsetOf = (place: Place) =>
        isBefore(place, at(0)) ? 0 : isBefore(at(length), place) ? length : offsetIn(place, at(0));
      return { order: at(0), messageId: id, from: offsetOf(from), to: offsetOf(to) };
    })
    .filter((piece) => piece.from < piece.to)
    .toSorted((left, right) => (isBefore(left.order, right.order) ? -1 : 1))
    .map(({ messageId, from, to }) => ({ messageId, from, to }));
  const step = steps.find(({ id }) => id === summary.step_id);
  const seen = audits.filter(({ turn_id, step_index }) => turn_id === step?.turn_id && step_index === step?.step_index);
  const isSeen = seen.some(({ audit }) => isDeepStrictEqual(audit.chunk?.pieces, wanted));
  return isSeen || summary.is_fallback;
}

/** At another message's place none of this one lies before it. */
function offsetIn([turnIndex, position, offset]: Place, [ofTurn, ofPosition]: Place): number {
  return turnIndex === ofTurn && position === ofPosition ? offset : 0;
}

/** What the user decided in so many words is in the register once its turn is summed up. */
function vowViolations({ messages, summaries, entries }: Snapshot, sessionId: string): readonly string[] {
  const through = summaries.filter(({ session_id }) => session_id === sessionId).at(-1)?.through_turn_index ?? 0;
  const covered = messages.filter(
    ({ session_id, author, turn_index, is_in_history }) =>
      session_id === sessionId && author === "user" && turn_index <= through && is_in_history,
  );
  const kept = entries.filter(({ session_id, kind }) => session_id === sessionId && kind === "decision");
  return covered.flatMap(({ text }) => {
    const vow = anyVow.exec(text)?.[1];
    const isKept = vow === undefined || kept.some((entry) => entry.text.includes(`${vow}.`));
    return isKept ? [] : [`lost: the decision ${vow} is in no register`];
  });
}

/** What is open is in the newest summary, or the summary says that there is more; what is not open is not. */
function shownViolations({ summaries, entries }: Snapshot, sessionId: string): readonly string[] {
  const newest = summaries.filter(({ session_id }) => session_id === sessionId).at(-1);
  const own = entries.filter(({ session_id, kind }) => session_id === sessionId && kind === "decision");
  const open = own.filter(({ status }) => status === "open").map(({ id }) => id);
  const shown = newest?.items.decisions.map(({ id }) => id) ?? [];
  const hasMore = newest?.rendered.includes("more in the register only.") ?? false;
  return [
    ...open
      .filter((id) => !shown.includes(id) && !hasMore)
      .map((id) => `lost: decision ${id} is open and in no summary`),
    ...shown.filter((id) => !open.includes(id)).map((id) => `memory: decision ${id} is shown and not open`),
  ];
}

const terminal = ["turn.completed", "turn.partial", "turn.failed", "turn.cancelled"];

/** At most one summary of a session is under way beside the conversation. */
function overlapViolations({ turns, events }: Snapshot, sessionId: string): readonly string[] {
  const own = turns.filter(({ session_id, mode }) => session_id === sessionId && mode === "summary");
  const spans = own
    .map(({ id }) => {
      const log = events.filter(({ turn_id }) => turn_id === id);
      const at = (types: readonly string[]) =>
        Date.parse(log.find(({ type }) => types.includes(type))?.created_at ?? "");
      return { id, from: at(["turn.created"]), to: at(terminal) };
    })
    .toSorted((left, right) => left.from - right.from || left.to - right.to);
  return spans.flatMap(({ id, from }, place) => {
    const before = spans[place - 1];
    return before === undefined || before.to <= from ? [] : [`doubled: summary ${id} began beside ${before.id}`];
  });
}

/** A summary that no rule made is what one booked call of its step replied, with all that it found. */
function writerViolations({ snapshot, chronicle }: Aftermath, summary: SummaryRow): readonly string[] {
  if (summary.step_id === null || summary.is_fallback) return [];
  const booked = new Set(snapshot.ledger.filter(({ status }) => status === "ok").map(({ request_id }) => request_id));
  const writers = chronicle.calls.filter(
    ({ step, requestId, marker }) =>
      step === summary.step_id && booked.has(requestId) && marker !== null && summary.text.includes(marker),
  );
  const [writer, ...more] = writers;
  if (writer === undefined || more.length > 0) return [`memory: summary ${summary.id} is of ${writers.length} replies`];
  const texts = snapshot.entries.filter(({ session_id }) => session_id === summary.session_id).map(({ text }) => text);
  return writer.entries
    .filter((entry) => texts.filter((text) => text === entry).length !== 1)
    .map((entry) => `lost: “${entry}” of ${writer.requestId} is not in the register once`);
}

function sourceViolations({ entries, messages }: Snapshot): readonly string[] {
  return entries.flatMap(({ id, session_id, source_message_ids }) => {
    const isFrom = (source: string) => messages.some((said) => said.id === source && said.session_id === session_id);
    const isSourced = source_message_ids.length > 0 && source_message_ids.every(isFrom);
    return isSourced ? [] : [`memory: entry ${id} is from messages that are not there`];
  });
}

function correctionViolations({ snapshot, chronicle }: Aftermath): readonly string[] {
  const wanted = [...new Set(chronicle.corrections.map(({ text }) => text))];
  return wanted.flatMap((text) => {
    const times = snapshot.entries.filter((entry) => entry.text === text).length;
    const isTaken = chronicle.corrections.some((correction) => correction.text === text && correction.isTaken);
    if (times > 1) return [`doubled: the correction “${text}” was made ${times} times`];
    return isTaken && times === 0 ? [`lost: the correction “${text}” is not in the register`] : [];
  });
}
