import type { ModelCall } from "../simulation/chaos-model.ts";
import type { Snapshot, StepRow } from "../simulation/snapshot.ts";
import type { Aftermath } from "./aftermath.ts";

const anyMarker = /said-in-call-\d+-end/g;

/** Each call is shown what its step may see of the turn, in order and nothing else, under the plan's own prompt. */
export function findCarryViolations({ snapshot, chronicle }: Aftermath): readonly string[] {
  return chronicle.calls.flatMap((call) => {
    const step = snapshot.steps.find(({ id }) => id === call.step);
    if (step === undefined) return [`booked: ${call.requestId} belongs to no step`];
    return [...shownViolations(snapshot, call, step), ...promptViolations(snapshot, call, step)];
  });
}

function shownViolations(snapshot: Snapshot, call: ModelCall, step: StepRow): readonly string[] {
  const saidInTurn = snapshot.messages.filter(({ turn_id }) => turn_id === step.turn_id);
  const ofTurn = new Set(saidInTurn.flatMap(markersIn));
  const shown = [...call.prompt.matchAll(anyMarker)].map(([marker]) => marker).filter((marker) => ofTurn.has(marker));
  const wanted = saidInTurn.filter(({ position }) => step.sees.includes(position - 1)).flatMap(markersIn);
  const isRight = shown.join() === wanted.join();
  return isRight ? [] : [`carried: ${call.requestId} saw [${shown.join()}] and should have seen [${wanted.join()}]`];
}

function markersIn({ text, author }: Snapshot["messages"][number]): readonly string[] {
  return author === "agent" ? [...text.matchAll(anyMarker)].map(([marker]) => marker) : [];
}

function promptViolations({ turns }: Snapshot, call: ModelCall, step: StepRow): readonly string[] {
  const turn = turns.find(({ id }) => id === step.turn_id);
  const agent = turn?.plan.agents.find(({ key }) => key === step.agent_key);
  const isPlanned = agent !== undefined && call.prompt.includes(agent.role_prompt);
  return isPlanned ? [] : [`carried: ${call.requestId} was not made under the prompt of the plan`];
}
