import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listOf } from "../../src/contract/lists.ts";
import { Room } from "../../src/contract/rooms.ts";
import { Session } from "../../src/contract/sessions.ts";
import { type ApiUser, type ApiWorld, openApiWorld } from "../support/api.ts";

let world: ApiWorld;
let ada: ApiUser;
let roomId: string;
beforeAll(async () => {
  world = await openApiWorld();
  ada = await world.signUp();
  roomId = await makeRoom();
});
afterAll(() => world.stop());

function ask(method: string, path: string, body?: unknown) {
  return world.request(method, path, { token: ada.token, ...(body === undefined ? {} : { body }) });
}

async function makeRoom(): Promise<string> {
  return (await ask("post", "/rooms", { name: "A room" })).json(Room).id;
}

async function openSession(body: object = {}): Promise<Session> {
  return (await ask("post", `/rooms/${roomId}/sessions`, body)).json(Session);
}

describe("a new session", () => {
  it("is at its Location and reads as it was answered", async () => {
    const made = await ask("post", `/rooms/${roomId}/sessions`, { title: "Monday", budget: "3.0" });
    expect(made.status).toBe(201);
    const session = made.json(Session);
    expect(session).toMatchObject({ room_id: roomId, title: "Monday", budget: "3", turn_count: 0 });
    expect(made.headers.get("location")).toBe(`/api/v1/sessions/${session.id}`);
    expect((await ask("get", `/sessions/${session.id}`)).json(Session)).toEqual(session);
  });

  it("needs nothing but an object", async () => {
    expect(await openSession()).toMatchObject({ title: "", budget: null });
  });

  it("needs a room that is there", async () => {
    expect((await ask("post", `/rooms/${randomUUID()}/sessions`, {})).problem().code).toBe("not_found");
  });

  it.each([
    ["/title", { title: "x".repeat(201) }],
    ["/title", { title: null }],
    ["/budget", { budget: 3 }],
    ["/budget", { budget: "NaN" }],
    ["/room_id", { room_id: "x" }],
    ["", []],
    ["", null],
    ["", "text"],
  ])("is refused at %s", async (pointer, body) => {
    const problem = (await ask("post", `/rooms/${roomId}/sessions`, body)).problem();
    expect([problem.status, problem.errors?.[0]?.pointer]).toEqual([422, pointer]);
  });
});

describe("a session", () => {
  it("can be renamed and budgeted, field by field", async () => {
    const session = await openSession({ title: "Old", budget: "1" });
    const renamed = (await ask("patch", `/sessions/${session.id}`, { title: "New" })).json(Session);
    expect(renamed).toEqual({ ...session, title: "New", updated_at: renamed.updated_at });
    expect((await ask("patch", `/sessions/${session.id}`, { budget: null })).json(Session).budget).toBeNull();
    expect((await ask("patch", `/sessions/${session.id}`, {})).problem().code).toBe("validation_failed");
    expect((await ask("patch", `/sessions/${session.id}`, { turn_count: 9 })).problem().errors?.[0]?.pointer).toBe(
      "/turn_count",
    );
  });

  it("is deleted under its own room only, and then gone", async () => {
    const { id } = await openSession();
    expect((await ask("delete", `/rooms/${await makeRoom()}/sessions/${id}`)).problem().code).toBe("not_found");
    expect((await ask("get", `/sessions/${id}`)).status).toBe(200);
    expect((await ask("delete", `/rooms/${roomId}/sessions/${id}`)).status).toBe(204);
    expect((await ask("delete", `/rooms/${roomId}/sessions/${id}`)).problem().code).toBe("not_found");
    expect((await ask("get", `/sessions/${id}`)).problem().code).toBe("not_found");
    expect((await ask("patch", `/sessions/${id}`, { title: "x" })).problem().code).toBe("not_found");
    const { data } = (await ask("get", `/rooms/${roomId}/sessions?limit=100`)).json(listOf(Session));
    expect(data.some((session) => session.id === id)).toBe(false);
  });

  it("is listed in its own room only", async () => {
    const { id } = await openSession();
    const other = (await ask("get", `/rooms/${await makeRoom()}/sessions`)).json(listOf(Session));
    expect(other).toEqual({ data: [], has_more: false, next_cursor: null });
    expect((await ask("get", `/rooms/${roomId}/sessions?limit=1`)).json(listOf(Session)).data[0]?.id).toBe(id);
    expect((await ask("get", `/rooms/${randomUUID()}/sessions`)).problem().code).toBe("not_found");
  });
});
