import type { Snapshot } from "../simulation/snapshot-rows.ts";
import type { Aftermath } from "./aftermath.ts";

type Event = Snapshot["events"][number];

const lowBalance = "wallet.low_balance";

/**
 * Each line of a log that an endpoint wants reaches it at least once, always under one id, and no other line ever does. Of a turn
 * that only sums up, it is told what it made and nothing else.
 */
export function findWebhookViolations(aftermath: Aftermath): readonly string[] {
  const { snapshot, chronicle } = aftermath;
  const isTold = ({ turn_id, type }: Event) =>
    type === "summary.created" || snapshot.turns.some(({ id, mode }) => id === turn_id && mode !== "summary");
  const wanted = snapshot.endpoints.flatMap(({ events }) =>
    snapshot.events.filter((event) => isTold(event) && (events.length === 0 || events.includes(event.type))),
  );
  return [
    ...wanted.flatMap((event) => eventViolations(aftermath, event)),
    ...lowBalanceViolations(aftermath),
    ...snapshot.deliveries
      .filter(({ type }) => type !== lowBalance)
      .filter(({ turn_id, seq }) => !wanted.some((event) => event.turn_id === turn_id && event.seq === seq))
      .map(({ id }) => `webhook: delivery ${id} tells what is in no log`),
    ...chronicle.heard
      .filter(({ id }) => !snapshot.deliveries.some((delivery) => delivery.id === id))
      .map(({ id }) => `webhook: ${id} was heard and is no delivery`),
  ];
}

function eventViolations({ snapshot, chronicle }: Aftermath, { turn_id, seq, type }: Event): readonly string[] {
  const line = `line ${seq} of turn ${turn_id}`;
  const deliveries = snapshot.deliveries.filter((delivery) => delivery.turn_id === turn_id && delivery.seq === seq);
  const heard = chronicle.heard.filter((request) => request.turn === turn_id && request.seq === seq);
  return [
    ...(deliveries.length === 1 ? [] : [`webhook: ${line} has ${deliveries.length} deliveries`]),
    ...deliveries
      .filter(({ status }) => status !== "succeeded")
      .map(({ id, status }) => `webhook: ${id} of ${line} is ${status}`),
    ...(heard.some(({ isTaken }) => isTaken) ? [] : [`webhook: ${line} was never taken`]),
    ...(heard.every((request) => request.type === type && request.id === deliveries[0]?.id)
      ? []
      : [`webhook: ${line} was heard under another id or type`]),
  ];
}

/** An endpoint that wants to know hears of each time that the money ran low, and of no other. */
function lowBalanceViolations({ snapshot, chronicle }: Aftermath): readonly string[] {
  const told = snapshot.deliveries.filter(({ type }) => type === lowBalance);
  const counts = snapshot.endpoints.map(({ id, events }) => ({
    id,
    due: events.length === 0 || events.includes(lowBalance) ? snapshot.low_crossings : 0,
    made: told.filter(({ endpoint_id }) => endpoint_id === id).length,
  }));
  const isTaken = (id: string) => chronicle.heard.some((request) => request.id === id && request.isTaken);
  return [
    ...counts
      .filter(({ due, made }) => due !== made)
      .map(({ id, due, made }) => `webhook: ${id} was told of a low balance ${made} times and not ${due}`),
    ...told.filter(({ id }) => !isTaken(id)).map(({ id }) => `webhook: ${id} of a low balance was never taken`),
  ];
}
