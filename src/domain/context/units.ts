import type { WindowMessage, WindowTurn } from "./window.ts";

export interface PlacedMessage {
  readonly turn: WindowTurn;
  readonly message: WindowMessage;
}

/** What goes in or out together: one message, or all of a group. In the order of their oldest messages. */
export function unitsOf(turns: readonly WindowTurn[]): readonly (readonly PlacedMessage[])[] {
  const unitByGroup = new Map<string, PlacedMessage[]>();
  const units: PlacedMessage[][] = [];
  for (const placed of turns.flatMap((turn) => turn.messages.map((message) => ({ turn, message })))) {
    const { groupId } = placed.message;
    const begun = groupId === null ? undefined : unitByGroup.get(groupId);
    if (begun !== undefined) {
      begun.push(placed);
      continue;
    }
    const unit = [placed];
    units.push(unit);
    if (groupId !== null) unitByGroup.set(groupId, unit);
  }
  return units;
}

export function withoutMessages(turns: readonly WindowTurn[], gone: ReadonlySet<string>): readonly WindowTurn[] {
  if (gone.size === 0) return turns;
  return turns.map((turn) => ({ ...turn, messages: turn.messages.filter(({ id }) => !gone.has(id)) }));
}
