import { openApi } from "../../functions/api.ts";
import { openDeliver } from "../../functions/deliver.ts";
import { openStep } from "../../functions/step.ts";
import { openSweep } from "../../functions/sweep.ts";
import { Agent } from "../../src/contract/agents.ts";
import { Room } from "../../src/contract/rooms.ts";
import { Session } from "../../src/contract/sessions.ts";
import { Turn } from "../../src/contract/turns.ts";
import { routeByPath } from "../../src/http/entrypoints.ts";
import { serve } from "../../src/local/serve.ts";
import { type ApiUser, type ApiWorld, type ApiWorldOptions, openApiWorld } from "./api.ts";

export interface EngineWorld extends ApiWorld {
  sweep(): Promise<void>;
  /** A user with a room of these agents and an open session. */
  furnish(agentKeys?: readonly string[], room?: object): Promise<Furnished>;
}

export interface Furnished {
  readonly user: ApiUser;
  readonly room: Room;
  readonly agents: readonly Agent[];
  readonly session: Session;
  send(message: string, turn?: object, headers?: Readonly<Record<string, string>>): Promise<Turn>;
  /** Reads the turn until it is over. */
  finish(turn: Turn): Promise<Turn>;
}

const manyTurns = { TURN_RATE_PER_MINUTE: "100000", TURN_RATE_PER_HOUR: "1000000" };

/** The whole product in this process: the queue stand-in delivers to its real entrypoints over loopback. */
export async function openEngineWorld(options: ApiWorldOptions = {}): Promise<EngineWorld> {
  const front: { fetch: (request: Request) => Response | Promise<Response> } = {
    fetch: () => new Response(null, { status: 503 }),
  };
  const server = await serve((request) => front.fetch(request));
  const variables = { ...manyTurns, ...options.variables };
  const world = await openApiWorld({ ...options, variables, publicBaseUrl: server.url });
  const queue = { steps: openStep(world.composed), deliveries: openDeliver(world.composed) };
  const entrypoints = routeByPath(openApi(world.composed), queue);
  front.fetch = (request) => entrypoints.fetch(request, {}, undefined);
  return {
    ...world,
    sweep: openSweep(world.composed),
    furnish: (agentKeys = ["ada", "bob", "cyd"], room = {}) => furnish(world, agentKeys, room),
    stop: async () => {
      await world.stop();
      await server.stop();
    },
  };
}

async function furnish(world: ApiWorld, agentKeys: readonly string[], wanted: object): Promise<Furnished> {
  const user = await world.signUp();
  const { token } = user;
  const post = (path: string, body: object) => world.request("post", path, { token, body });
  const room = (await post("/rooms", { name: "Room", ...wanted })).json(Room);
  const agents: Agent[] = [];
  for (const agent_key of agentKeys) {
    const agent = {
      agent_key,
      name: agent_key.toUpperCase(),
      model_alias: "gpt-4o-mini",
      role_prompt: `You are ${agent_key}.`,
    };
    agents.push((await post(`/rooms/${room.id}/agents`, agent)).json(Agent));
  }
  const session = (await post(`/rooms/${room.id}/sessions`, {})).json(Session);
  return {
    user,
    room,
    agents,
    session,
    send: async (message, turn = {}, headers = {}) => {
      const sent = { token, body: { message, ...turn }, headers };
      return (await world.request("post", `/sessions/${session.id}/turns`, sent)).json(Turn);
    },
    finish: async (turn) => (await world.request("get", `/turns/${turn.id}?wait=20`, { token })).json(Turn),
  };
}
