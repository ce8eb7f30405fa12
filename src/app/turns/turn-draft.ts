import type { CreateTurn } from "../../contract/turns.ts";
import type { DraftInput } from "../../domain/turn/draft.ts";
import type { TurnSettings } from "../../ports/settings.ts";
import type { TurnGround } from "../../ports/turns.ts";

type WantedDraft = Pick<CreateTurn, "message" | "mode" | "rounds" | "response_schema">;

export const tooLarge = "The message and what must go with it do not fit into the context of a model.";

/** What a turn and the quote of one are both made from, so that they cannot differ. */
export function toDraftInput(
  ground: TurnGround,
  wanted: WantedDraft & { readonly id: string },
  settings: TurnSettings,
): DraftInput {
  return {
    room: { name: ground.room.name, goal: ground.room.goal },
    mode: wanted.mode ?? ground.room.mode,
    rounds: wanted.rounds ?? null,
    agents: ground.agents,
    manager: ground.manager,
    pricingVersion: ground.pricingVersion,
    context: settings.context,
    seed: wanted.id,
    turnIndex: ground.turnCount + 1,
    window: ground.window,
    history: ground.history,
    repliesToCome: ground.repliesToCome,
    isSummarizing: ground.isSummarizing,
    message: wanted.message,
    responseSchema: wanted.response_schema,
  };
}
