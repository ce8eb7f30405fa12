import type { Snapshot, StepRow } from "../simulation/snapshot-rows.ts";
import type { Aftermath } from "./aftermath.ts";

type Row = Snapshot["ledger"][number];

/** Users pay once for each step that is done by a reply of its own, or for each summary that one wrote, and never above its hold; all else is the platform's, to the unit. */
export function findMoneyViolations(aftermath: Aftermath): readonly string[] {
  const { snapshot } = aftermath;
  return [
    ...snapshot.mismatches.map(({ what, expected, found }) => `money: ${what} is ${found} and should be ${expected}`),
    ...snapshot.holds.filter((hold) => hold.is_open).map((hold) => `money: the hold of ${hold.step_id} is still open`),
    ...snapshot.steps.flatMap((step) => stepViolations(snapshot, step)),
    ...wasteViolations(aftermath),
  ];
}

function stepViolations(snapshot: Snapshot, step: StepRow): readonly string[] {
  const { ledger, holds } = snapshot;
  const hold = holds.find(({ step_id }) => step_id === step.id);
  const charged = ledger.filter(({ step_id, charged_units }) => step_id === step.id && charged_units > 0n);
  const paid = charged.reduce((sum, row) => sum + row.charged_units, 0n);
  const { least, most } = chargesOf(snapshot, step);
  const times = charged.length;
  return [
    ...(times <= most ? [] : [`money: ${step.id} is ${step.status} and was charged ${times} times, not ${most}`]),
    ...(times >= least ? [] : [`money: ${step.id} is ${step.status} and was charged ${times} times, not ${least}`]),
    ...(paid === (hold?.charged_units ?? 0n) ? [] : [`money: ${step.id} paid ${paid} of a hold of ${hold?.units}`]),
  ];
}

/** A call that was under way when its step was cancelled may have given its reply. */
function chargesOf({ summaries }: Snapshot, { id, purpose, status, flags }: StepRow) {
  const more = status === "cancelled" ? 1 : 0;
  if (purpose === "summarize") {
    const written = summaries.filter(({ step_id, is_fallback }) => step_id === id && !is_fallback).length;
    return { least: written, most: written + more };
  }
  const replied = status === "done" && !flags.includes("fallback") ? 1 : 0;
  return { least: replied, most: replied + more };
}

/** What the calls in vain used, and each lost attempt at its bound, as this side of the database counts it. */
function wasteViolations({ snapshot, chronicle }: Aftermath): readonly string[] {
  const { ledger, accounts } = snapshot;
  const inVain = ledger.filter(({ status, charged_units }) => status !== "lost" && charged_units === 0n);
  const used = inVain.reduce((sum, row) => sum + usedBy(chronicle, row), 0n);
  const lost = ledger.filter(({ status }) => status === "lost");
  const bounds = lost.reduce((sum, row) => sum + heldFor(snapshot, row), 0n);
  const waste = accounts.find(({ kind }) => kind === "waste")?.balance_units ?? 0n;
  const variance = accounts.find(({ kind }) => kind === "variance")?.balance_units ?? 0n;
  return [
    ...(-waste === used + bounds ? [] : [`money: waste is ${-waste}; ${used} were used in vain and ${bounds} lost`]),
    ...(variance === 0n ? [] : [`money: ${-variance} were used above holds`]),
  ];
}

/** What of a step's hold was not spent when the attempt was lost. */
function heldFor({ ledger, holds }: Snapshot, { step_id, attempt }: Row): bigint {
  const units = holds.find((hold) => hold.step_id === step_id)?.units ?? 0n;
  const before = ledger.filter((row) => row.step_id === step_id && row.attempt < attempt);
  return before.reduce((rest, row) => rest - row.charged_units, units);
}

function usedBy(chronicle: Aftermath["chronicle"], row: Row): bigint {
  return chronicle.calls.find(({ requestId }) => requestId === row.request_id)?.units ?? -1n;
}
