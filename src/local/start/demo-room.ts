import type * as z from "zod";
import type { CreateAgent } from "../../contract/agents.ts";
import { Agent } from "../../contract/agents.ts";
import { CreatedApiKey, scopes } from "../../contract/api-keys.ts";
import { Room } from "../../contract/rooms.ts";
import { Session } from "../../contract/sessions.ts";
import { type ApiCaller, create } from "./call-api.ts";

const room = {
  name: "Launch review",
  goal: "Decide whether the next release is ready to ship, and what must happen first.",
  mode: "roundtable",
};

const agents: readonly z.input<typeof CreateAgent>[] = [
  {
    agent_key: "ada",
    name: "Planner",
    model_alias: "gpt-4o",
    role_prompt:
      "You plan launches. Break the question into the few steps that decide it, put them in order, and name an owner and a date for each.",
  },
  {
    agent_key: "grace",
    name: "Critic",
    model_alias: "claude-sonnet",
    role_prompt:
      "You are the critic. Find the weakest point of what was said, say what would prove it wrong, and accept what holds.",
  },
  {
    agent_key: "linus",
    name: "Engineer",
    model_alias: "gemini-flash",
    role_prompt:
      "You are the engineer. Judge what can be built and rolled back in time, and give the smallest change that meets the goal.",
  },
];

/** A replaced thing gets keys of its own: those of the thing before would only replay it. */
export async function createDemoRoom(caller: ApiCaller, replaced: string | null): Promise<string> {
  const { id } = await create(
    caller,
    { path: "/rooms", body: room, idempotencyKey: `demo-room-${replaced ?? "first"}` },
    Room,
  );
  for (const agent of agents) {
    const idempotencyKey = `demo-agent-${agent.agent_key}-${id}`;
    await create(caller, { path: `/rooms/${id}/agents`, body: agent, idempotencyKey }, Agent);
  }
  return id;
}

export async function createDemoSession(caller: ApiCaller, roomId: string, replaced: string | null): Promise<string> {
  const idempotencyKey = `demo-session-${replaced ?? "first"}-${roomId}`;
  const path = `/rooms/${roomId}/sessions`;
  const session = await create(caller, { path, body: { title: "Is the release ready?" }, idempotencyKey }, Session);
  return session.id;
}

/** A replayed answer has no secret any more, so that key is left behind and another one made. */
export async function createDemoKey(caller: ApiCaller, idempotencyKey: string): Promise<string> {
  const body = { name: "Demo", scopes };
  const key = await create(caller, { path: "/api_keys", body, idempotencyKey }, CreatedApiKey);
  return key.secret ?? createDemoKey(caller, `demo-api-key-${key.id}`);
}
