import type { Assignment, Routing } from "../../contract/step-results.ts";
import type { ModeInput, StepTrace } from "../plan/mode-rules.ts";

/** What bounds a manager, whatever it says. */
export const managerLimits = { agentsPerRound: 3, rounds: 3, invocations: 12 } as const;

/** Of what one agent is told, as it is quoted to it. */
export const maxInstructionBytes = 4_000;

const answerTheUser = "Answer the user's message.";

/** Who is asked when the manager's choice is unknown: the first of the roster, side by side. */
export function fallbackRouting({ agentKeys }: Pick<ModeInput, "agentKeys">): Routing {
  const chosen = agentKeys.slice(0, managerLimits.agentsPerRound);
  return {
    kind: "routing",
    assignments: chosen.map((agent_key) => ({ agent_key, instruction: answerTheUser })),
    order: "parallel",
    reason: "",
    is_fallback: true,
  };
}

/** What of a manager's assignments is carried out. */
export function admitAssignments(
  assignments: readonly Assignment[],
  input: Pick<ModeInput, "agentKeys">,
  before: readonly StepTrace[],
): readonly Assignment[] {
  const admission = openAdmission(input, before);
  for (const assignment of assignments) admission.offer(assignment);
  return admission.admitted();
}

interface Admission {
  /** No more than the admitted ones will be. */
  readonly isFull: () => boolean;
  readonly offer: (assignment: Assignment) => void;
  readonly admitted: () => readonly Assignment[];
}

/**
 * Takes agents of the roster, each once, as many as the bounds leave. What was asked of an agent before is not asked again, and who
 * spoke in every round so far gives way after the second: whoever may not be asked takes nobody's place.
 */
export function openAdmission({ agentKeys }: Pick<ModeInput, "agentKeys">, before: readonly StepTrace[]): Admission {
  const asked = new Set(before.flatMap(assignmentsIn).map(fingerprint));
  const asking = new Set(askableKeys(agentKeys, before));
  const most = Math.min(managerLimits.agentsPerRound, managerLimits.invocations - before.filter(isReply).length);
  const admitted = new Map<string, Assignment>();
  const isFull = () => admitted.size >= most;
  return {
    isFull,
    offer(assignment) {
      const { agent_key } = assignment;
      const isAdmissible = asking.has(agent_key) && !admitted.has(agent_key) && !asked.has(fingerprint(assignment));
      if (isAdmissible && !isFull()) admitted.set(agent_key, assignment);
    },
    admitted: () => [...admitted.values()],
  };
}

/** Agents that may be asked once more. Of steps that may still be open only who they belong to counts. */
export function askableKeys(agentKeys: readonly string[], steps: readonly StepTrace[]): readonly string[] {
  const replies = steps.filter(isReply);
  if (replies.length >= managerLimits.invocations) return [];
  const rounds = new Set(replies.map(({ round }) => round)).size;
  const roundsOf = (key: string) =>
    new Set(replies.filter(({ agentKey }) => agentKey === key).map(({ round }) => round)).size;
  return rounds < 2 ? agentKeys : agentKeys.filter((key) => roundsOf(key) < rounds);
}

function isReply({ purpose }: StepTrace): boolean {
  return purpose === "agent";
}

function assignmentsIn({ result }: StepTrace): readonly Assignment[] {
  return result?.kind === "routing" || result?.kind === "evaluation" ? result.assignments : [];
}

function fingerprint({ agent_key, instruction }: Assignment): string {
  return `${agent_key}\n${instruction.normalize("NFKC").toLowerCase().replace(/\s+/g, " ").trim()}`;
}
