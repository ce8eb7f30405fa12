import { type Agent, type CreateAgent, maxAgentsPerRoom, maxPosition } from "../../contract/agents.ts";
import { PantheonError } from "../../contract/errors.ts";
import { AgentId, type RoomId } from "../../contract/ids.ts";
import { chooseSeat } from "../../domain/plan/choose-seat.ts";
import type { AgentStore } from "../../ports/agents.ts";
import type { Caller } from "../../ports/caller.ts";
import type { IdempotencyKey } from "../../ports/idempotency.ts";
import type { Ids } from "../../ports/ids.ts";
import { type IdempotencyPorts, type Made, made, withIdempotency } from "../idempotency.ts";
import { found, notFound } from "../not-found.ts";

interface CreateAgentPorts extends IdempotencyPorts {
  readonly agents: Pick<AgentStore, "loadSeats" | "create">;
  readonly ids: Ids;
}

interface NewAgent {
  readonly roomId: RoomId;
  readonly input: CreateAgent;
}

const racesToRun = 8;

export function createAgent(
  ports: CreateAgentPorts,
  caller: Caller,
  wanted: NewAgent,
  key: IdempotencyKey | null,
): Promise<Made<Agent>> {
  return withIdempotency(ports, caller, { operation: "create_agent", key }, async (toStored) => {
    for (let race = 1; ; race += 1) {
      const agent = await seatAgent(ports, caller, { ...wanted, isLate: race > 1 });
      try {
        refuseUnseated(await ports.agents.create(caller, agent, toStored(agent)));
        return made(agent);
      } catch (error) {
        // Another request took the place that we chose: choose again, unless the client insisted on it.
        const isRace =
          error instanceof PantheonError && error.code === "conflict" && wanted.input.position === undefined;
        if (!isRace || race === racesToRun) throw error;
      }
    }
  });
}

interface Contender extends NewAgent {
  readonly isLate: boolean;
}

async function seatAgent(ports: CreateAgentPorts, caller: Caller, wanted: Contender): Promise<Agent> {
  const { roomId, input, isLate } = wanted;
  const seats = found(await ports.agents.loadSeats(caller, roomId, input.model_alias));
  const seat = chooseSeat(seats, input, { maxAgents: maxAgentsPerRoom, maxPosition });
  if (seat.kind === "refused") throw new PantheonError(seat.code, seat.message);
  const position = isLate ? spread(seat.position, ports.ids) : seat.position;
  const now = ports.clock.now().toISOString();
  const id = AgentId.parse(ports.ids.uuid());
  return { id, room_id: roomId, ...input, position, version: 1, created_at: now, updated_at: now };
}

/** Many that ask for no place all choose the next one; whoever lost it tries some place close after it. */
function spread(position: number, ids: Ids): number {
  const further = position + (Number.parseInt(ids.secretHex(2), 16) % maxAgentsPerRoom);
  return further <= maxPosition ? further : position;
}

function refuseUnseated(outcome: Awaited<ReturnType<AgentStore["create"]>>): void {
  if (outcome === "room_missing") throw notFound();
  if (outcome === "room_full") throw new PantheonError("conflict", `A room seats at most ${maxAgentsPerRoom} agents.`);
}
