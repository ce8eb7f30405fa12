import { defaultContextSettings } from "../../src/domain/context/settings.ts";
import { type DraftInput, draftTurn, type SeatedAgent } from "../../src/domain/turn/draft.ts";
import type { SaidMessage } from "../../src/domain/turn/said.ts";
import { buildCall } from "../../src/domain/turn/window.ts";
import { plainTurn, windowOf } from "../support/said.ts";

const million = 1_000_000;
export const fill = (piece: string) => piece.repeat(Math.ceil(million / piece.length)).slice(0, million);

export const agents: readonly SeatedAgent[] = ["ada", "bob", "cyd"].map((key) => ({
  key,
  name: key,
  role_prompt: "Speak.",
  model_alias: "wide",
  provider_model: "maker/wide",
  context_limit: 1_048_576,
  multiplier_milli: 1000,
  token_ratios: null,
}));

function input(changes: Partial<DraftInput>): DraftInput {
  const room = { name: "Room", goal: "" };
  const fixed = {
    room,
    mode: "roundtable",
    rounds: 1,
    agents,
    pricingVersion: "v1",
    context: defaultContextSettings,
  } as const;
  return { ...plainTurn, ...fixed, turnIndex: 1, message: "Go", ...changes };
}

export function drafted(changes: Partial<DraftInput>) {
  const made = draftTurn(input(changes));
  if (made.kind === "refused") throw new Error(made.message);
  return made;
}

export const prepare = (
  plan: ReturnType<typeof drafted>["plan"],
  messages: readonly SaidMessage[],
  current: readonly SaidMessage[],
) => {
  const step = { index: 0, purpose: "agent", agentKey: "ada", round: 1, instruction: null } as const;
  const turnIndex = 1 + Math.max(0, ...messages.map(({ turn_index }) => turn_index));
  return buildCall({
    plan,
    step,
    seed: "t",
    turnIndex,
    window: windowOf(messages),
    current,
    steps: [],
    promptBound: null,
  });
};

export const bytesOf = (messages: readonly { readonly content: string }[]) =>
  messages.reduce((sum, { content }) => sum + Buffer.byteLength(content), 0);
