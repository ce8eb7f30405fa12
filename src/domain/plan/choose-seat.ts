import type { CreateAgent } from "../../contract/agents.ts";
import type { ErrorCode } from "../../contract/errors.ts";

export interface SeatLimits {
  readonly maxAgents: number;
  readonly maxPosition: number;
}

interface SeatsTaken {
  readonly takenKeys: readonly string[];
  readonly takenPositions: readonly number[];
  readonly isModelPriced: boolean;
}

type Wanted = Pick<CreateAgent, "agent_key" | "model_alias" | "position">;

export type Seat =
  | { readonly kind: "free"; readonly position: number }
  | { readonly kind: "refused"; readonly code: ErrorCode; readonly message: string };

/** Where a new agent sits: the place it asks for, else after the last one. */
export function chooseSeat(seats: SeatsTaken, wanted: Wanted, limits: SeatLimits): Seat {
  const key = wanted.agent_key.toLowerCase();
  if (!seats.isModelPriced)
    return refused("model_unavailable", `The model alias ${wanted.model_alias} has no price and cannot be used.`);
  if (seats.takenKeys.some((taken) => taken.toLowerCase() === key))
    return refused("conflict", `An agent of this room already has the key ${wanted.agent_key}.`);
  if (seats.takenKeys.length >= limits.maxAgents)
    return refused("conflict", `A room seats at most ${limits.maxAgents} agents.`);
  const position = wanted.position ?? firstFree(seats.takenPositions, limits);
  if (seats.takenPositions.includes(position))
    return refused("conflict", `An agent of this room already has position ${position}.`);
  return { kind: "free", position };
}

function firstFree(taken: readonly number[], limits: SeatLimits): number {
  const afterLast = Math.max(-1, ...taken) + 1;
  if (afterLast <= limits.maxPosition) return afterLast;
  return Array.from({ length: limits.maxAgents + 1 }, (_, place) => place).find((place) => !taken.includes(place)) ?? 0;
}

function refused(code: ErrorCode, message: string): Seat {
  return { kind: "refused", code, message };
}
