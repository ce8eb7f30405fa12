import type { Mode } from "../../../src/contract/rooms.ts";
import type { ContextSettings } from "../../../src/domain/context/settings.ts";
import type { Random } from "./random.ts";

/** What is played in one schedule, whatever goes wrong in it. */
export interface Plot {
  readonly memory: Memory;
  readonly context: Omit<ContextSettings, "defaultModelLimit">;
  /** The room's own mode, and those of single turns. */
  readonly modes: readonly [Mode, ...Mode[]];
  readonly agents: number;
  readonly models: { readonly agents: PlayedModel; readonly manager: PlayedModel | null };
  readonly sends: number;
  /** How long a message may be. */
  readonly maxCharacters: number;
  /** What the user changes of the session's memory while turns run. */
  readonly corrections: number;
}

/** When sessions are summed up: as usual, after almost every turn, or at a turn's beginning. */
type Memory = "seldom" | "often" | "first";

type PlayedModel = keyof typeof contextLimitByModel;

/** The models that are played, by what they can read. */
export const contextLimitByModel = { "gpt-4o-mini": 128_000, small: 4_096 } as const;

const everyMode = ["manual", "roundtable", "orchestrator", "council", "debate"] as const;

export function choosePlot(random: Random): Plot {
  const memory = random.pick(["seldom", "seldom", "often", "often", "first"] as const);
  const mode = random.pick(everyMode);
  const isMixed = random.chance(0.3);
  const isRemembering = memory !== "seldom";
  const models = isRemembering ? drawModels(memory, random) : ({ agents: "gpt-4o-mini", manager: null } as const);
  return {
    memory,
    context: contextOf(memory, random),
    modes: isMixed ? [mode, random.pick(everyMode), random.pick(everyMode)] : [mode],
    agents: agentsOf(mode, random),
    models,
    sends: isRemembering ? random.pick([2, 2, 3, 4]) : random.pick([1, 1, 1, 2, 2, 3]),
    maxCharacters: isRemembering ? random.pick([500, 5_000, models.agents === "small" ? 5_000 : 24_000]) : 0,
    corrections: isRemembering ? random.between(0, 6) : 0,
  };
}

/** Two make a debate; a council ranks from three on. */
function agentsOf(mode: Mode, random: Random): number {
  if (mode === "council") return random.pick([2, 3, 3]);
  return random.pick(mode === "debate" ? [2, 2, 3] : [1, 2, 2, 3]);
}

/** A small one somewhere, since it is what makes summaries necessary, and long ones take several calls. */
function drawModels(memory: Memory, random: Random): Plot["models"] {
  if (random.chance(0.3)) return { agents: "small", manager: random.pick([null, "gpt-4o-mini"]) };
  return { agents: "gpt-4o-mini", manager: memory === "first" ? "small" : random.pick(["small", "small", null]) };
}

function contextOf(memory: Memory, random: Random): Plot["context"] {
  const usual = {
    maxOutputTokens: random.pick([256, 512, 2048]),
    summaryTriggerRatio: 0.7,
    pruneTriggerRatio: 0.9,
    mandatorySummaryTurn: 8,
    recentTurnsToKeep: 4,
  };
  switch (memory) {
    case "seldom":
      return usual;
    case "often":
      return { ...usual, mandatorySummaryTurn: random.between(1, 2), recentTurnsToKeep: 1 };
    case "first": {
      const ratio = random.pick([0.1, 0.3]);
      const few = { mandatorySummaryTurn: 50, recentTurnsToKeep: 1 };
      return { ...usual, ...few, summaryTriggerRatio: ratio, pruneTriggerRatio: ratio };
    }
  }
}
