import type { Snapshot, StepRow } from "../simulation/snapshot.ts";
import type { Aftermath } from "./aftermath.ts";

type Row = Snapshot["ledger"][number];

/** Users pay once for each step that is done and never above its hold; all else is the platform's, to the unit. */
export function findMoneyViolations(aftermath: Aftermath): readonly string[] {
  const { snapshot } = aftermath;
  return [
    ...snapshot.mismatches.map(({ what, expected, found }) => `money: ${what} is ${found} and should be ${expected}`),
    ...snapshot.holds.filter((hold) => hold.is_open).map((hold) => `money: the hold of ${hold.step_id} is still open`),
    ...snapshot.steps.flatMap((step) => stepViolations(snapshot, step)),
    ...wasteViolations(aftermath),
  ];
}

function stepViolations({ ledger, holds }: Snapshot, step: StepRow): readonly string[] {
  const hold = holds.find(({ step_id }) => step_id === step.id);
  const charged = ledger.filter(({ step_id, charged_units }) => step_id === step.id && charged_units > 0n);
  const paid = charged.reduce((sum, row) => sum + row.charged_units, 0n);
  const isAllowed = step.status === "done" || step.status === "cancelled" ? charged.length <= 1 : charged.length === 0;
  return [
    ...(isAllowed ? [] : [`money: ${step.id} is ${step.status} and was charged ${charged.length} times`]),
    ...(step.status === "done" && charged.length === 0 ? [`money: ${step.id} is done and was never charged`] : []),
    ...(paid === (hold?.charged_units ?? 0n) ? [] : [`money: ${step.id} paid ${paid} of a hold of ${hold?.units}`]),
  ];
}

/** What the calls in vain used, and each lost attempt at its bound, as this side of the database counts it. */
function wasteViolations({ snapshot, chronicle }: Aftermath): readonly string[] {
  const { ledger, holds, accounts } = snapshot;
  const inVain = ledger.filter(({ status, charged_units }) => status !== "lost" && charged_units === 0n);
  const used = inVain.reduce((sum, row) => sum + usedBy(chronicle, row), 0n);
  const lost = ledger.filter(({ status }) => status === "lost");
  const bounds = lost.reduce(
    (sum, row) => sum + (holds.find(({ step_id }) => step_id === row.step_id)?.units ?? 0n),
    0n,
  );
  const waste = accounts.find(({ kind }) => kind === "waste")?.balance_units ?? 0n;
  const variance = accounts.find(({ kind }) => kind === "variance")?.balance_units ?? 0n;
  return [
    ...(-waste === used + bounds ? [] : [`money: waste is ${-waste}; ${used} were used in vain and ${bounds} lost`]),
    ...(variance === 0n ? [] : [`money: ${-variance} were used above holds`]),
  ];
}

function usedBy(chronicle: Aftermath["chronicle"], row: Row): bigint {
  return chronicle.calls.find(({ requestId }) => requestId === row.request_id)?.units ?? -1n;
}
