import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Agent } from "../../src/contract/agents.ts";
import { listOf } from "../../src/contract/lists.ts";
import { Room } from "../../src/contract/rooms.ts";
import { type ApiUser, type ApiWorld, openApiWorld } from "../support/api.ts";
import { databaseKinds } from "../support/database-kinds.ts";

describe.each(databaseKinds)("requests at once on $title", ({ isMissing, open }) => {
  let world: ApiWorld;
  let ada: ApiUser;
  beforeAll(async () => {
    if (isMissing) return;
    world = await openApiWorld({ database: await open() });
    ada = await world.signUp();
  });
  afterAll(() => world?.stop());

  const ask = (method: string, path: string, body?: unknown) =>
    world.request(method, path, { token: ada.token, ...(body === undefined ? {} : { body }) });
  const makeRoom = async () => (await ask("post", "/rooms", { name: "Race" })).json(Room).id;
  const seat = (room: string, agent_key: string, more: object = {}) =>
    ask("post", `/rooms/${room}/agents`, { agent_key, name: "A", model_alias: "gpt-4o-mini", ...more });
  const seated = async (room: string) => (await ask("get", `/rooms/${room}/agents?limit=100`)).json(listOf(Agent)).data;
  const times = <T>(count: number, make: (index: number) => Promise<T>) =>
    Promise.all(Array.from({ length: count }, (_, index) => make(index)));

  it.skipIf(isMissing)("give a key to one of 50 agents, in whatever case", async () => {
    const room = await makeRoom();
    const answers = await times(50, (index) => seat(room, index % 2 === 0 ? "critic" : "CRITIC"));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status !== 201).map((answer) => answer.problem().code)).toEqual(
      Array(49).fill("conflict"),
    );
    expect(await seated(room)).toHaveLength(1);
  });

  it.skipIf(isMissing)("give a position to one of 50 agents", async () => {
    const room = await makeRoom();
    const answers = await times(50, (index) => seat(room, `agent-${index}`, { position: 5 }));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect((await seated(room)).map(({ position }) => position)).toEqual([5]);
  });

  it.skipIf(isMissing)("seat all of 50 agents that ask for no position, each on its own", async () => {
    const room = await makeRoom();
    const answers = await times(50, (index) => seat(room, `agent-${index}`));
    expect(answers.map(({ status }) => status)).toEqual(Array(50).fill(201));
    const positions = (await seated(room)).map(({ position }) => position);
    expect(new Set(positions).size).toBe(50);
  });

  it.skipIf(isMissing)("never seat a 51st agent", async () => {
    const room = await makeRoom();
    for (let index = 0; index < 45; index += 1) await seat(room, `early-${index}`);
    const answers = await times(20, (index) => seat(room, `late-${index}`, { position: 1000 + index }));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(5);
    expect(await seated(room)).toHaveLength(50);
  });

  it.skipIf(isMissing)(
    "leave every agent in a real place when the order races with new and leaving agents",
    async () => {
      const room = await makeRoom();
      for (const key of ["a", "b", "c", "d"]) await seat(room, key);
      for (let round = 0; round < 12; round += 1) {
        const keys = (await seated(room)).map(({ agent_key }) => agent_key);
        const answers = await Promise.all([
          ask("put", `/rooms/${room}/agents/order`, { agent_keys: [...keys].reverse() }),
          seat(room, `new-${round}`),
          ask("put", `/rooms/${room}/agents/order`, { agent_keys: keys }),
          ask("delete", `/rooms/${room}/agents/${keys[round % keys.length]}`),
          ask("patch", `/rooms/${room}/agents/${keys[0]}`, { position: 20 + round }),
        ]);
        expect(answers.filter(({ status }) => status >= 500)).toEqual([]);
        const positions = (await seated(room)).map(({ position }) => position);
        expect([new Set(positions).size, Math.max(...positions) < 10_000]).toEqual([positions.length, true]);
      }
    },
  );

  it.skipIf(isMissing)("leave nothing alive below a room that is deleted meanwhile", async () => {
    for (let round = 0; round < 5; round += 1) {
      const room = await makeRoom();
      await Promise.all([
        ...Array.from({ length: 5 }, (_, index) => seat(room, `a${index}`)),
        ask("delete", `/rooms/${room}`),
        ...Array.from({ length: 5 }, () => ask("post", `/rooms/${room}/sessions`, {})),
      ]);
      const [, alive] = await world.backend.runBatch([
        { sql: "set local role pantheon_system" },
        {
          sql: `select (select count(*) from room_agents where room_id = $1 and deleted_at is null)
              + (select count(*) from sessions where room_id = $1 and deleted_at is null)`,
          params: [room],
        },
      ]);
      expect(alive?.rows).toEqual([["0"]]);
    }
  });
});
