import * as z from "zod";
import { AgentKey } from "./agents.ts";

export const RankedAnswer = z.object({
  agent_key: AgentKey,
  place: z.int().min(1).nullable().meta({ description: "From 1, the best; null: nobody compared it with another." }),
  is_tied: z.boolean().meta({ description: "Another answer has the same place." }),
  won: z.int().meta({ description: "Comparisons with another answer in which it was preferred." }),
  compared: z.int(),
});
export type RankedAnswer = z.infer<typeof RankedAnswer>;

export const RankingOutcome = z.object({
  kind: z.literal("ranking"),
  answers: z.array(RankedAnswer).meta({ description: "The best first." }),
  ballots: z.int().meta({ description: "Rankings that could be read." }),
});
export type RankingOutcome = z.infer<typeof RankingOutcome>;

export const Dissent = z.object({
  agent_key: AgentKey,
  choice: AgentKey,
  confidence: z.int().min(0).max(100),
  reason: z.string(),
});
export type Dissent = z.infer<typeof Dissent>;

export const VoteOutcome = z.object({
  kind: z.literal("vote"),
  winner: AgentKey.nullable().meta({ description: "Whose position more than half of the votes support." }),
  reason: z.enum(["majority", "tie", "no_majority", "no_quorum"]),
  voters: z.int().meta({ description: "Who could have voted; more than half of them must." }),
  votes: z.int().meta({ description: "Those who supported a position." }),
  tally: z
    .array(z.object({ agent_key: AgentKey, votes: z.int(), confidence: z.int().min(0).max(100) }))
    .meta({ description: "By position, the most supported first; the confidence is the mean of its supporters'." }),
  abstained: z.array(AgentKey).meta({ description: "Those who chose to support none." }),
  missing: z.array(AgentKey).meta({ description: "Those whose vote did not come or could not be read." }),
  dissent: z.array(Dissent).meta({ description: "Every vote that did not win; without a winner, every vote." }),
});
export type VoteOutcome = z.infer<typeof VoteOutcome>;

/** What the agents of a turn came to together. */
export const TurnOutcome = z.discriminatedUnion("kind", [RankingOutcome, VoteOutcome]).meta({ id: "TurnOutcome" });
export type TurnOutcome = z.infer<typeof TurnOutcome>;
