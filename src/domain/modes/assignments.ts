import type { Assignment, Routing } from "../../contract/step-results.ts";
import type { ModeGround, StepTrace } from "./mode-rules.ts";

/** What bounds a manager, whatever it says. */
export const managerLimits = { agentsPerRound: 3, rounds: 3, invocations: 12 } as const;

const answerTheUser = "Answer the user's message.";

/** Who is asked when the manager's choice is unknown: the first of the roster, side by side. */
export function fallbackRouting({ agentKeys }: Pick<ModeGround, "agentKeys">): Routing {
  const chosen = agentKeys.slice(0, managerLimits.agentsPerRound);
  return {
    kind: "routing",
    assignments: chosen.map((agent_key) => ({ agent_key, instruction: answerTheUser })),
    order: "parallel",
    reason: "",
    is_fallback: true,
  };
}

/**
 * What of a manager's assignments is carried out: agents of the roster, each once, as many as the bounds leave. What was asked of an
 * agent before is not asked again, and who spoke in every round so far gives way after the second.
 */
export function admitAssignments(
  assignments: readonly Assignment[],
  { agentKeys }: Pick<ModeGround, "agentKeys">,
  before: readonly StepTrace[],
): readonly Assignment[] {
  const asked = new Set(before.flatMap(assignmentsIn).map(fingerprint));
  const asking = new Set(askableKeys(agentKeys, before));
  const admitted = new Map<string, Assignment>();
  for (const assignment of assignments) {
    const { agent_key } = assignment;
    if (asking.has(agent_key) && !admitted.has(agent_key) && !asked.has(fingerprint(assignment)))
      admitted.set(agent_key, assignment);
  }
  const left = managerLimits.invocations - before.filter(isReply).length;
  return [...admitted.values()].slice(0, Math.max(0, Math.min(managerLimits.agentsPerRound, left)));
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
