import type { ModelCall } from "../simulation/chaos-model.ts";
import type { Snapshot, StepRow } from "../simulation/snapshot-rows.ts";
import type { Aftermath } from "./aftermath.ts";
import { authorOf, wordsOf } from "./words-of.ts";

type Row = Snapshot["ledger"][number];

/** Every call at the provider is a ledger row, or belongs to a holder that could not book it and is booked as lost. */
export function findCallViolations(aftermath: Aftermath): readonly string[] {
  const { snapshot, chronicle } = aftermath;
  return [
    ...chronicle.calls.flatMap((call) => callViolations(aftermath, call)),
    ...snapshot.ledger.flatMap((row) => rowViolations(aftermath, row)),
    ...snapshot.steps.flatMap((step) => replyViolations(aftermath, step)),
    ...thriftViolations(aftermath),
  ];
}

function callViolations(aftermath: Aftermath, call: ModelCall): readonly string[] {
  const rows = aftermath.snapshot.ledger.filter(({ request_id }) => request_id === call.requestId);
  const [row, ...more] = rows;
  if (more.length > 0) return [`doubled: ${call.requestId} is booked ${rows.length} times`];
  if (row === undefined) return unbookedViolations(aftermath, call);
  const isItsOwn = row.step_id === call.step && row.attempt === call.token;
  return isItsOwn ? [] : [`booked: ${call.requestId} is booked to another attempt`];
}

/** Its holder never heard that a commit was taken, and the attempt is visible as lost. */
function unbookedViolations({ snapshot, chronicle }: Aftermath, call: ModelCall): readonly string[] {
  const isLost = snapshot.ledger.some(
    ({ step_id, attempt, status }) => step_id === call.step && attempt === call.token && status === "lost",
  );
  const heard = chronicle.commits.filter(({ taskId, committed }) => taskId === call.taskId && committed !== "fenced");
  return [
    ...(heard.length > 0 && !isLost ? [`lost: ${call.requestId} was committed and is not booked`] : []),
    ...(isLost ? [] : [`lost: ${call.requestId} left no trace in the ledger`]),
  ];
}

function rowViolations({ chronicle }: Aftermath, row: Row): readonly string[] {
  const name = `${row.step_id} attempt ${row.attempt}.${row.ordinal}`;
  if (row.status === "lost") {
    const wasTaken = chronicle.commits.some(
      ({ commit, committed }) =>
        commit.step === row.step_id && commit.token === row.attempt && committed === "committed",
    );
    return wasTaken ? [`doubled: ${name} is booked as lost and was committed`] : [];
  }
  const isKnown = chronicle.calls.some(({ requestId }) => requestId === row.request_id);
  return isKnown ? [] : [`booked: ${name} was never called`];
}

/** A step that is done says what one booked call of its own replied, or what a rule says in its place; another keeps no reply. */
function replyViolations({ snapshot, chronicle }: Aftermath, step: StepRow): readonly string[] {
  if (step.status === "cancelled" || step.purpose === "summarize") return [];
  const booked = new Set(snapshot.ledger.filter((row) => row.status === "ok").map((row) => row.request_id));
  const own = chronicle.calls.filter(({ step: of, requestId }) => of === step.id && booked.has(requestId));
  const replies = own.filter(({ marker }) => marker !== null);
  const silent = own.filter(({ isSilent }) => isSilent).length;
  if (step.status === "failed" || step.flags.includes("fallback"))
    return replies.length === 0 ? [] : [`lost: step ${step.id} failed and ${replies.length} replies are booked to it`];
  const words = wordsOf(snapshot, step);
  if (authorOf(step) === null && step.flags.includes("silent"))
    return silent === 1 && replies.length === 0 ? [] : [`doubled: step ${step.id} is silent after ${own.length} calls`];
  const isSaid = replies.length === 1 && silent === 0 && words?.includes(replies[0]?.marker ?? "\0") === true;
  return isSaid ? [] : [`doubled: step ${step.id} has ${replies.length} booked replies and says ${words}`];
}

/**
 * Where nothing fails and messages only come twice, late or out of order, no call is made in vain. A summary may be, when another
 * one overtakes it.
 */
function thriftViolations({ weather, snapshot, chronicle }: Aftermath): readonly string[] {
  if (weather.name !== "calm" && weather.name !== "duplicates") return [];
  const steps = snapshot.steps.filter(({ purpose }) => purpose !== "summarize");
  const spoken = steps.filter(({ status }) => status === "done").length;
  const interrupted = steps.filter(({ status, token }) => status === "cancelled" && token > 0).length;
  const calls = chronicle.calls.filter(({ form }) => form !== "summary").length;
  const isExact = calls >= spoken && calls <= spoken + interrupted;
  return isExact ? [] : [`doubled: ${calls} calls for ${spoken} steps and ${interrupted} interrupted ones`];
}
