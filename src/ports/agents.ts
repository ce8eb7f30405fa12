import type { Agent, UpdateAgent } from "../contract/agents.ts";
import type { RoomId } from "../contract/ids.ts";
import type { ListQuery, Page } from "../contract/lists.ts";
import type { Caller } from "./caller.ts";
import type { StoredResult } from "./idempotency.ts";
import type { Updated } from "./updated.ts";

export interface Seats {
  readonly takenKeys: readonly string[];
  readonly takenPositions: readonly number[];
  readonly isModelPriced: boolean;
}

export interface AgentStore {
  /** Null when there is no such room. */
  loadSeats(caller: Caller, roomId: RoomId, modelAlias: string): Promise<Seats | null>;
  create(caller: Caller, agent: Agent, result: StoredResult | null): Promise<"created" | "room_missing" | "room_full">;
  list(caller: Caller, roomId: RoomId, query: ListQuery): Promise<Page<Agent> | null>;
  find(caller: Caller, roomId: RoomId, agentKey: string): Promise<Agent | null>;
  update(caller: Caller, change: AgentChange): Promise<Updated<Agent> | { readonly kind: "unpriced" }>;
  remove(caller: Caller, roomId: RoomId, agentKey: string, expectedVersion: number | null): Promise<Updated<null>>;
  /** Null when the room is missing, "mismatch" when the keys are not exactly the room's agents. */
  reorder(caller: Caller, roomId: RoomId, agentKeys: readonly string[]): Promise<readonly Agent[] | "mismatch" | null>;
}

export interface AgentChange {
  readonly roomId: RoomId;
  readonly agentKey: string;
  readonly change: UpdateAgent;
  readonly expectedVersion: number | null;
}
