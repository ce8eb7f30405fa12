import type { ModelCall } from "../simulation/chaos-model.ts";
import { anyInstruction, anyMarker } from "../simulation/chaos-replies.ts";
import type { Snapshot, StepRow } from "../simulation/snapshot-rows.ts";
import type { Aftermath } from "./aftermath.ts";

/**
 * Each call is shown what its step may see of the turn, in order (in an order of its own where it ranks) and nothing else, under the
 * plan's own prompt and its own instruction, and no larger than what is held for it.
 */
export function findCarryViolations({ snapshot, chronicle }: Aftermath): readonly string[] {
  return chronicle.calls.flatMap((call) => {
    const step = snapshot.steps.find(({ id }) => id === call.step);
    if (step === undefined) return [`booked: ${call.requestId} belongs to no step`];
    return [
      ...shownViolations(snapshot, call, step),
      ...promptViolations(snapshot, call, step),
      ...instructionViolations(call, step),
      ...sizeViolations(call, step),
    ];
  });
}

function shownViolations(snapshot: Snapshot, call: ModelCall, step: StepRow): readonly string[] {
  const saidInTurn = snapshot.messages.filter(({ turn_id }) => turn_id === step.turn_id);
  const ofTurn = new Set(saidInTurn.flatMap(markersIn));
  const shown = [...call.prompt.matchAll(anyMarker)].map(([marker]) => marker).filter((marker) => ofTurn.has(marker));
  const wanted = saidInTurn.filter(({ position }) => step.sees.includes(position - 1)).flatMap(markersIn);
  const inOrder = step.purpose === "rank" ? (markers: readonly string[]) => markers.toSorted() : asTheyAre;
  const isRight = inOrder(shown).join() === inOrder(wanted).join();
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

function asTheyAre(markers: readonly string[]): readonly string[] {
  return markers;
}

/** What a manager asks of one agent reaches no other, the manager included. */
function instructionViolations(call: ModelCall, { instruction }: StepRow): readonly string[] {
  const wanted = [...(instruction ?? "").matchAll(anyInstruction)].join();
  const shown = [...call.prompt.matchAll(anyInstruction)].join();
  return shown === wanted
    ? []
    : [`carried: ${call.requestId} was told [${shown}] and should have been told [${wanted}]`];
}

function sizeViolations({ requestId, maxTokens }: ModelCall, { prompt_bound }: StepRow): readonly string[] {
  const isWithin = prompt_bound === null || maxTokens <= prompt_bound;
  return isWithin ? [] : [`carried: ${requestId} is of ${maxTokens} tokens and held for ${prompt_bound}`];
}
