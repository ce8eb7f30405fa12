import type { Errand } from "./tapped-cloud.ts";

export interface KillPoint {
  readonly name: string;
  readonly errand: Errand;
  readonly when: "before" | "after";
  /** How many answers of the model are paid for in vain. */
  readonly wastedCalls: number;
}

/** What runs while the process is killed: a turn in one of the modes, or the summary that follows a session's second turn. */
export interface KillScene {
  readonly plays: "roundtable" | "council" | "debate" | "orchestrator" | "summary";
  /** Which of its errands is meant; of publishing the first is the API's own. */
  readonly nth: (errand: Errand) => number;
  readonly points: readonly KillPoint[];
}

/** Where the process dies, as seen by those it talks to. */
const killPoints: readonly KillPoint[] = [
  { name: "before the claim", errand: "claim", when: "before", wastedCalls: 0 },
  { name: "after the claim", errand: "claim", when: "after", wastedCalls: 0 },
  { name: "during the model call", errand: "model call", when: "after", wastedCalls: 1 },
  { name: "after the model, before the commit", errand: "commit", when: "before", wastedCalls: 1 },
  { name: "after the commit, before its answer", errand: "commit", when: "after", wastedCalls: 0 },
  { name: "after the commit, before the publish", errand: "publish", when: "before", wastedCalls: 0 },
  { name: "after the publish, before the answer to the queue", errand: "publish", when: "after", wastedCalls: 0 },
  { name: "after the turn is made, before it is answered", errand: "create turn", when: "after", wastedCalls: 0 },
];

const pointsOf = (...names: readonly string[]) => killPoints.filter(({ name }) => names.includes(name));
const nthOf = (nth: number, nthPublish: number) => (errand: Errand) => (errand === "publish" ? nthPublish : nth);

/** A manager's first step, the answers that are ranked or voted on, and those that do so. */
export const killScenes: readonly KillScene[] = [
  { plays: "roundtable", nth: nthOf(1, 2), points: killPoints },
  { plays: "orchestrator", nth: nthOf(1, 2), points: pointsOf("after the commit, before the publish") },
  { plays: "council", nth: nthOf(2, 2), points: pointsOf("after the commit, before the publish") },
  { plays: "council", nth: nthOf(3, 3), points: pointsOf("after the claim") },
  { plays: "debate", nth: nthOf(4, 4), points: pointsOf("after the model, before the commit") },
  {
    plays: "summary",
    nth: nthOf(3, 3),
    points: pointsOf("after the claim", "after the model, before the commit", "after the commit, before its answer"),
  },
];
