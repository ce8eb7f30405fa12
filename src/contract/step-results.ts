import * as z from "zod";
import { AgentKey } from "./agents.ts";

export const Assignment = z.object({ agent_key: AgentKey, instruction: z.string() });
export type Assignment = z.infer<typeof Assignment>;

const isFallback = z.boolean().meta({ description: "The model's own answer could not be read, and the rule decided." });
const chosen = { assignments: z.array(Assignment), order: z.enum(["parallel", "sequence"]), reason: z.string() };

export const Routing = z.object({ kind: z.literal("routing"), ...chosen, is_fallback: isFallback });
export type Routing = z.infer<typeof Routing>;

export const Evaluation = z.object({
  kind: z.literal("evaluation"),
  verdict: z.enum(["continue", "finish"]),
  ...chosen,
  is_fallback: isFallback,
});
export type Evaluation = z.infer<typeof Evaluation>;

export const Ranking = z.object({
  kind: z.literal("ranking"),
  ranking: z.array(AgentKey).meta({ description: "The best first; the one who ranks is not among them." }),
  reason: z.string(),
  is_fallback: isFallback,
});
export type Ranking = z.infer<typeof Ranking>;

export const Vote = z.object({
  kind: z.literal("vote"),
  choice: z.string().nullable().meta({ description: "Null: abstains." }),
  confidence: z.int().min(0).max(100),
  reason: z.string(),
  is_fallback: isFallback,
});
export type Vote = z.infer<typeof Vote>;

const Structured = z.object({ kind: z.literal("structured"), value: z.unknown() });

/** What a step came to, where that is more than its words. */
export const StepResult = z
  .discriminatedUnion("kind", [Routing, Evaluation, Ranking, Vote, Structured])
  .meta({ id: "StepResult" });
export type StepResult = z.infer<typeof StepResult>;
