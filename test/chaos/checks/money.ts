import type { Snapshot } from "../simulation/snapshot-rows.ts";
import type { Aftermath } from "./aftermath.ts";

type Row = Snapshot["ledger"][number];

/** Users pay each call that was answered or shown, in order and never above its step's hold; all else is the platform's, to the unit. */
export function findMoneyViolations(aftermath: Aftermath): readonly string[] {
  const { snapshot } = aftermath;
  return [
    ...snapshot.mismatches.map(({ what, expected, found }) => `money: ${what} is ${found} and should be ${expected}`),
    ...snapshot.holds.filter((hold) => hold.is_open).map((hold) => `money: the hold of ${hold.step_id} is still open`),
    ...snapshot.steps.flatMap(({ id }) => stepViolations(aftermath, id)),
    ...platformViolations(aftermath),
  ];
}

function stepViolations(aftermath: Aftermath, stepId: string): readonly string[] {
  const { ledger, holds } = aftermath.snapshot;
  const hold = holds.find(({ step_id }) => step_id === stepId);
  const rows = ledger.filter(({ step_id }) => step_id === stepId);
  const found: string[] = [];
  let rest = hold?.units ?? 0n;
  for (const row of rows) {
    const due = isUsers(aftermath, row) ? least(usedBy(aftermath, row), rest) : 0n;
    rest -= row.charged_units;
    if (row.charged_units === due) continue;
    found.push(
      `money: ${stepId} was charged ${row.charged_units} for attempt ${row.attempt}.${row.ordinal}, not ${due}`,
    );
  }
  const paid = rows.reduce((sum, row) => sum + row.charged_units, 0n);
  if (paid === (hold?.charged_units ?? 0n)) return found;
  return [...found, `money: ${stepId} paid ${paid} of a hold of ${hold?.units}`];
}

/** What was answered or shown; of a summary that another one overtook, what its commit says. */
function isUsers({ chronicle }: Aftermath, row: Row): boolean {
  const call = chronicle.calls.find(({ requestId }) => requestId === row.request_id);
  if (row.status === "lost" || call === undefined) return false;
  const commits = chronicle.commits.filter(({ commit }) => commit.step === row.step_id && commit.token === row.attempt);
  const isOvertaken = commits.some(({ committed }) => committed === "stale");
  const isAsSaid = commits.at(-1)?.commit.calls.some(({ id, is_charged }) => id === row.id && is_charged) === true;
  return (call.isAnswered || call.isShown) && (!isOvertaken || isAsSaid);
}

/** Waste is what the platform's own calls used, and each lost attempt at its bound; variance is what users' calls used above holds. */
function platformViolations(aftermath: Aftermath): readonly string[] {
  const { snapshot } = aftermath;
  const known = snapshot.ledger.filter(({ status }) => status !== "lost");
  const lost = snapshot.ledger.filter(({ status }) => status === "lost");
  const own = sumOf(known.filter((row) => !isUsers(aftermath, row)).map((row) => usedBy(aftermath, row)));
  const bounds = sumOf(lost.map((row) => heldFor(snapshot, row)));
  const above = known.filter((row) => isUsers(aftermath, row)).map((row) => usedBy(aftermath, row) - row.charged_units);
  const waste = unitsIn(snapshot, "waste");
  const variance = unitsIn(snapshot, "variance");
  return [
    ...(-waste === own + bounds ? [] : [`money: waste is ${-waste}; ${own} were used in vain and ${bounds} lost`]),
    ...(-variance === sumOf(above) ? [] : [`money: variance is ${-variance}; ${sumOf(above)} were used above holds`]),
  ];
}

/** What of a step's hold was not spent when the attempt was lost. */
function heldFor({ ledger, holds }: Snapshot, { step_id, attempt }: Row): bigint {
  const units = holds.find((hold) => hold.step_id === step_id)?.units ?? 0n;
  const before = ledger.filter((row) => row.step_id === step_id && row.attempt < attempt);
  return before.reduce((rest, row) => rest - row.charged_units, units);
}

/** As this side of the database counts it. */
function usedBy({ chronicle }: Aftermath, row: Row): bigint {
  return chronicle.calls.find(({ requestId }) => requestId === row.request_id)?.units ?? -1n;
}

function unitsIn({ accounts }: Snapshot, wanted: string): bigint {
  return accounts.find(({ kind }) => kind === wanted)?.balance_units ?? 0n;
}

function sumOf(units: readonly bigint[]): bigint {
  return units.reduce((sum, each) => sum + each, 0n);
}

function least(one: bigint, other: bigint): bigint {
  return one < other ? one : other;
}
