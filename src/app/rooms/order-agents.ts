import type { Agent, OrderAgents } from "../../contract/agents.ts";
import { PantheonError } from "../../contract/errors.ts";
import type { RoomId } from "../../contract/ids.ts";
import type { AgentStore } from "../../ports/agents.ts";
import type { Caller } from "../../ports/caller.ts";
import { found } from "../not-found.ts";

interface OrderAgentsPorts {
  readonly agents: Pick<AgentStore, "reorder">;
}

/** All agents of the room in their new order. */
export async function orderAgents(
  ports: OrderAgentsPorts,
  caller: Caller,
  roomId: RoomId,
  { agent_keys }: OrderAgents,
): Promise<readonly Agent[]> {
  const agents = found(await ports.agents.reorder(caller, roomId, agent_keys));
  if (agents !== "mismatch") return agents;
  throw new PantheonError("validation_failed", "The request is not valid; see errors.", {
    errors: [{ pointer: "/agent_keys", message: "must name every agent of the room, each once" }],
  });
}
