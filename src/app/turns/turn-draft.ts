import type { CreateTurn } from "../../contract/turns.ts";
import type { DraftInput } from "../../domain/turn/draft.ts";
import type { TurnSettings } from "../../ports/settings.ts";
import type { TurnSnapshot } from "../../ports/turns.ts";

type WantedDraft = Pick<CreateTurn, "message" | "mode" | "rounds" | "response_schema">;

export const tooLarge = "The message and what must go with it do not fit into the context of a model.";

/** What a turn and the quote of one are both made from, so that they cannot differ. */
export function toDraftInput(
  snapshot: TurnSnapshot,
  wanted: WantedDraft & { readonly id: string },
  settings: TurnSettings,
): DraftInput {
  return {
    room: { name: snapshot.room.name, goal: snapshot.room.goal },
    mode: wanted.mode ?? snapshot.room.mode,
    rounds: wanted.rounds ?? null,
    agents: snapshot.agents,
    manager: snapshot.manager,
    pricingVersion: snapshot.pricingVersion,
    context: settings.context,
    seed: wanted.id,
    turnIndex: snapshot.turnCount + 1,
    window: snapshot.window,
    history: snapshot.history,
    repliesToCome: snapshot.repliesToCome,
    isSummarizing: snapshot.isSummarizing,
    message: wanted.message,
    responseSchema: wanted.response_schema,
  };
}
