import { beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { ContextAudit } from "../../src/contract/context-audits.ts";
import { listOf } from "../../src/contract/lists.ts";
import { Message } from "../../src/contract/messages.ts";
import { TurnEvent } from "../../src/contract/turn-events.ts";
import { Turn, TurnSummary } from "../../src/contract/turns.ts";
import { useBench } from "./engine-kit.ts";

const bench = useBench();

beforeEach(async () => {
  bench().resetModel();
  await bench().releaseQueue();
});

describe("creating a turn", () => {
  it("answers 202 with the whole turn, where it is, and what is left of the limits", async () => {
    const { user, session, room, agents } = await bench().furnish(["ada", "bob"]);
    await bench().holdQueue();
    const body = { message: "Why is the sky blue?", metadata: { ticket: 7, is_urgent: true, note: null } };
    const answer = await bench().request("post", `/sessions/${session.id}/turns`, { token: user.token, body });
    const turn = answer.json(Turn);
    expect(answer.status).toBe(202);
    expect(answer.headers.get("location")).toBe(`/api/v1/turns/${turn.id}`);
    expect(answer.headers.get("ratelimit")).toMatch(/^"turns";r=99999;t=60, "turns-hour";r=999999;t=3600$/);
    expect(answer.headers.get("ratelimit-policy")).toBe('"turns";q=100000;w=60, "turns-hour";q=1000000;w=3600');
    expect(turn).toMatchObject({
      session_id: session.id,
      room_id: room.id,
      turn_index: 1,
      status: "queued",
      mode: "roundtable",
      rounds: 1,
      message: { text: body.message },
      metadata: body.metadata,
      error: null,
      started_at: null,
      finished_at: null,
    });
    expect(turn.steps.map((step) => [step.agent_key, step.agent_name, step.status, step.output])).toEqual([
      ["ada", "ADA", "ready", null],
      ["bob", "BOB", "waiting", null],
    ]);
    expect(agents).toHaveLength(2);
    const read = await bench().request("get", `/turns/${turn.id}`, { token: user.token });
    expect(read.json(Turn)).toEqual(turn);
  });

  it("waits for the end when it is asked to, and says so", async () => {
    const { user, session } = await bench().furnish(["ada"]);
    const answer = await bench().request("post", `/sessions/${session.id}/turns`, {
      token: user.token,
      body: { message: "Hello" },
      headers: { prefer: "respond-async, wait=20" },
    });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("preference-applied")).toBe("wait=20");
    expect(answer.json(Turn)).toMatchObject({ status: "completed", steps: [{ status: "done" }] });
  });

  it("answers 202 when the time is up first", async () => {
    const { user, session } = await bench().furnish(["ada"]);
    await bench().holdQueue();
    const answer = await bench().request("post", `/sessions/${session.id}/turns`, {
      token: user.token,
      body: { message: "Hello" },
      headers: { prefer: "respond-async, wait=1" },
    });
    expect(answer.status).toBe(202);
    expect(answer.headers.get("preference-applied")).toBe("respond-async, wait=1");
    expect(answer.json(Turn).status).toBe("queued");
  });

  it.each(["wait=soon", "wait=-3", "wait", "return=minimal", "await=5"])("passes over Prefer: %s", async (prefer) => {
    const { user, session } = await bench().furnish(["ada"]);
    const sent = { token: user.token, body: { message: "Hello" }, headers: { prefer } };
    const answer = await bench().request("post", `/sessions/${session.id}/turns`, sent);
    expect([answer.status, answer.headers.get("preference-applied")]).toEqual([202, null]);
  });

  it("cuts a wait that is too long", async () => {
    const { user, session } = await bench().furnish(["ada"]);
    const sent = { token: user.token, body: { message: "Hello" }, headers: { prefer: "wait=3600" } };
    const answer = await bench().request("post", `/sessions/${session.id}/turns`, sent);
    expect([answer.status, answer.headers.get("preference-applied")]).toEqual([200, "wait=25"]);
  });
});

describe("reading", () => {
  it("waits for the end of a turn", async () => {
    const { user, send } = await bench().furnish(["ada", "bob"]);
    const created = await send("Hello");
    const answer = await bench().request("get", `/turns/${created.id}?wait=20`, { token: user.token });
    expect(answer.json(Turn).status).toBe("completed");
    const tooLong = await bench().request("get", `/turns/${created.id}?wait=26`, { token: user.token });
    expect(tooLong.problem()).toMatchObject({ status: 422, code: "validation_failed" });
    const preferred = { token: user.token, headers: { prefer: "wait=20" } };
    const next = await send("And?");
    const waited = await bench().request("get", `/turns/${next.id}`, preferred);
    expect([waited.json(Turn).status, waited.headers.get("preference-applied")]).toEqual(["completed", "wait=20"]);
    const asked = await bench().request("get", `/turns/${next.id}?wait=1`, preferred);
    expect(asked.headers.get("preference-applied")).toBeNull();
  });

  it("lists turns and messages, newest first, page by page", async () => {
    const { user, session, send, finish } = await bench().furnish(["ada", "bob"]);
    for (const message of ["one", "two", "three"]) await finish(await send(message));
    const { token } = user;
    const turns = (await bench().request("get", `/sessions/${session.id}/turns?limit=2`, { token })).json(
      listOf(TurnSummary),
    );
    expect(turns.data.map((turn) => [turn.turn_index, turn.status])).toEqual([
      [3, "completed"],
      [2, "completed"],
    ]);
    const rest = await bench().request("get", `/sessions/${session.id}/turns?limit=2&cursor=${turns.next_cursor}`, {
      token,
    });
    expect(rest.json(listOf(TurnSummary))).toMatchObject({ data: [{ turn_index: 1 }], has_more: false });

    const seen: Message[] = [];
    for (let cursor: string | null = ""; cursor !== null; ) {
      const path = `/sessions/${session.id}/messages?limit=4${cursor === "" ? "" : `&cursor=${cursor}`}`;
      const page: z.output<ReturnType<typeof listOf<typeof Message>>> = (
        await bench().request("get", path, { token })
      ).json(listOf(Message));
      seen.push(...page.data);
      cursor = page.next_cursor;
    }
    expect(seen.map((message) => [message.turn_index, message.author, message.agent_key])).toEqual(
      [3, 2, 1].flatMap((index) => [
        [index, "agent", "bob"],
        [index, "agent", "ada"],
        [index, "user", null],
      ]),
    );
  });

  it("gives the log of a turn without a gap, from where the reader was", async () => {
    const { user, send, finish } = await bench().furnish(["ada", "bob"]);
    const turn = await finish(await send("Hello"));
    const page = async (query: string) =>
      (await bench().request("get", `/turns/${turn.id}/events${query}`, { token: user.token })).json(listOf(TurnEvent));
    const read = async (query: string) => (await page(query)).data;
    const events = await read("");
    expect(events.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(events.map(({ type }) => type)).toEqual([
      "turn.created",
      "turn.started",
      "step.started",
      "message.completed",
      "step.started",
      "message.completed",
      "turn.completed",
    ]);
    expect(events[3]?.data).toMatchObject({ agent_key: "ada", text: turn.steps[0]?.output });
    expect(await read("?after=5")).toEqual(events.slice(5));
    expect(await page("?after=2&limit=2")).toEqual({ data: events.slice(2, 4), has_more: true, next_cursor: "4" });
    expect(await page("?cursor=4&limit=3")).toEqual({ data: events.slice(4), has_more: false, next_cursor: null });
  });

  it("streams a finished turn from any place and ends; who has seen its end is told not to come back", async () => {
    const { user, send, finish } = await bench().furnish(["ada"]);
    const turn = await finish(await send("Hello"));
    const watch = async (query: string, headers: Readonly<Record<string, string>> = {}) => {
      const sent = { token: user.token, headers: { accept: "text/event-stream", ...headers } };
      const { status, text } = await bench().request("get", `/turns/${turn.id}/events${query}`, sent);
      return [status, ...[...text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id))];
    };
    expect(await watch("")).toEqual([200, 1, 2, 3, 4, 5]);
    expect(await watch("?after=3")).toEqual([200, 4, 5]);
    expect(await watch("?after=1", { "last-event-id": "4" })).toEqual([200, 5]);
    expect(await watch("?after=5")).toEqual([204]);
    expect(await watch("", { "last-event-id": "5" })).toEqual([204]);
    expect(await watch("?after=2147483647")).toEqual([204]);
  });

  it("audits every model call", async () => {
    const { user, send, finish } = await bench().furnish(["ada", "bob"]);
    const turn = await finish(await send("Hello"));
    const answer = await bench().request("get", `/turns/${turn.id}/context`, { token: user.token });
    const { data } = answer.json(z.object({ data: z.array(ContextAudit) }));
    expect(data.map((entry) => [entry.step_index, entry.agent_key, entry.attempt])).toEqual([
      [0, "ada", 1],
      [1, "bob", 1],
    ]);
    expect(data[1]).toMatchObject({
      step_id: turn.steps[1]?.id,
      purpose: "agent",
      model_alias: "gpt-4o-mini",
      model_context_limit: 128_000,
      messages_in: [turn.message?.id, turn.steps[0]?.message_id],
      messages_out: [],
      is_rejected: false,
    });
  });
});
