import type { Aftermath } from "./aftermath.ts";
import { isRefused } from "./words-of.ts";

/** One turn for each request that was accepted, none for a refused one, at most one where no answer came through. */
export function findClientViolations({ snapshot, chronicle }: Aftermath): readonly string[] {
  const sends = chronicle.clients.filter(({ key }) => key.startsWith("send-"));
  return sends.flatMap(({ key, answer }) => {
    const made = snapshot.turns.filter((turn) => turn.metadata.key === key && !isRefused(turn));
    if (made.length > 1) return [`doubled: ${key} made ${made.length} turns`];
    if (answer === null) return [];
    if (answer.status >= 400) return made.length === 0 ? [] : [`doubled: ${key} was refused and made a turn`];
    return made[0]?.id === answer.turnId ? [] : [`lost: ${key} was answered turn ${answer.turnId}, which is not there`];
  });
}
