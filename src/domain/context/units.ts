import type { WindowMessage, WindowTurn } from "./window.ts";

/** What goes in or out together: one message, or all of a group. */
export interface Unit {
  readonly messages: readonly WindowMessage[];
  readonly throughTurnIndex: number;
}

type IsCuttable = (message: WindowMessage, turn: WindowTurn) => boolean;

/** In the order of their oldest messages. A group is cuttable when all of it is. */
export function cuttableUnits(turns: readonly WindowTurn[], isCuttable: IsCuttable): readonly Unit[] {
  const locked = lockedGroups(turns, isCuttable);
  const collected: Collected = { units: [], byGroup: new Map() };
  for (const turn of turns) {
    for (const message of turn.messages) {
      const { groupId } = message;
      if (groupId === null ? isCuttable(message, turn) : !locked.has(groupId)) collect(collected, message, turn);
    }
  }
  return collected.units;
}

export function withoutMessages(turns: readonly WindowTurn[], gone: ReadonlySet<string>): readonly WindowTurn[] {
  if (gone.size === 0) return turns;
  return turns.flatMap((turn) => {
    const messages = turn.messages.filter(({ id }) => !gone.has(id));
    return messages.length === 0 ? [] : [{ ...turn, messages }];
  });
}

interface GrowingUnit {
  readonly messages: WindowMessage[];
  throughTurnIndex: number;
}

interface Collected {
  readonly units: GrowingUnit[];
  readonly byGroup: Map<string, GrowingUnit>;
}

function collect({ units, byGroup }: Collected, message: WindowMessage, { turnIndex }: WindowTurn): void {
  const begun = message.groupId === null ? undefined : byGroup.get(message.groupId);
  if (begun !== undefined) {
    begun.messages.push(message);
    begun.throughTurnIndex = turnIndex;
    return;
  }
  const unit = { messages: [message], throughTurnIndex: turnIndex };
  units.push(unit);
  if (message.groupId !== null) byGroup.set(message.groupId, unit);
}

function lockedGroups(turns: readonly WindowTurn[], isCuttable: IsCuttable): ReadonlySet<string> {
  const locked = new Set<string>();
  for (const turn of turns) {
    for (const message of turn.messages) {
      const { groupId } = message;
      if (groupId !== null && !locked.has(groupId) && !isCuttable(message, turn)) locked.add(groupId);
    }
  }
  return locked;
}
