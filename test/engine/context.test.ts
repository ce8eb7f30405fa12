import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { ContextAudit } from "../../src/contract/context-audits.ts";
import { Turn } from "../../src/contract/turns.ts";
import type { Furnished } from "../support/engine.ts";
import { chatRequests, promptOf, useBench } from "./engine-kit.ts";
import { priceModel, useModel } from "./seed-turns.ts";

const bench = useBench();

beforeAll(() => priceModel(bench(), "tiny-window", 2048));
beforeEach(async () => {
  bench().resetModel();
  await bench().holdQueue();
});

async function read({ user }: Furnished, { id }: { readonly id: string }): Promise<Turn> {
  return (await bench().request("get", `/turns/${id}`, { token: user.token })).json(Turn);
}

async function auditOf({ user }: Furnished, { id }: { readonly id: string }) {
  const answer = await bench().request("get", `/turns/${id}/context`, { token: user.token });
  return answer.json(z.object({ data: z.array(ContextAudit) })).data;
}

function post({ user, session }: Furnished, message: string) {
  return bench().request("post", `/sessions/${session.id}/turns`, { token: user.token, body: { message } });
}

// 2048 leaves 615 tokens of input: 2048 - 409 for the reply - 1024 of overhead.
const tiny = { input_budget: 615, model_context_limit: 2048 };

describe("a message that does not fit", () => {
  it("is refused before anything is paid for, with the turn that records it", async () => {
    const room = await bench().furnish(["ada", "bob"]);
    await useModel(bench(), room, "bob", "tiny-window");
    const message = "too long ".repeat(400);
    const answer = await post(room, message);
    const Refusal = z.looseObject({ turn_id: z.string(), estimated_tokens: z.number() });
    expect(answer.problem()).toMatchObject({ status: 422, code: "context_budget_exceeded", ...tiny });
    const { turn_id: id, estimated_tokens } = Refusal.parse(JSON.parse(answer.text));
    expect(estimated_tokens).toBeGreaterThan(tiny.input_budget);
    const turn = await read(room, { id });
    expect(turn).toMatchObject({
      turn_index: 1,
      status: "failed",
      error: { type: "context_budget_exceeded" },
      message: { text: message },
      steps: [{ status: "cancelled" }, { status: "cancelled" }],
    });
    const audit = await auditOf(room, { id });
    expect(audit.map((entry) => [entry.agent_key, entry.attempt, entry.is_rejected])).toEqual([
      ["ada", 0, false],
      ["bob", 0, true],
    ]);
    expect(audit[1]).toMatchObject({ model_context_limit: 2048, input_budget: 615, messages_in: [turn.message?.id] });
    expect(chatRequests(bench())).toHaveLength(0);
    expect(
      bench()
        .accepted()
        .some((sent) => sent.turn === id),
    ).toBe(false);
  });

  it("stays out of the windows of later turns, and does not hold the session", async () => {
    const room = await bench().furnish(["ada"]);
    await useModel(bench(), room, "ada", "tiny-window");
    expect((await post(room, "unheard ".repeat(400))).status).toBe(422);
    const turn = await room.send("Short");
    expect(turn.turn_index).toBe(2);
    await bench().deliver(turn, 0);
    expect(await read(room, turn)).toMatchObject({ status: "completed" });
    expect(promptOf(chatRequests(bench()).at(-1))).not.toContain("unheard");
  });

  it("is answered promptly, a million characters long, and fits where the window is wide", async () => {
    const room = await bench().furnish(["ada"]);
    expect((await post(room, "a".repeat(1_000_000))).problem()).toMatchObject({ code: "context_budget_exceeded" });
    await useModel(bench(), room, "ada", "gemini-pro");
    const turn = await room.send("b".repeat(1_000_000 / 2));
    expect(await bench().deliver(turn, 0)).toMatchObject({ status: 200 });
    expect(await read(room, turn)).toMatchObject({ status: "completed" });
  });

  it("counts the role prompt", async () => {
    const room = await bench().furnish(["ada"]);
    await useModel(bench(), room, "ada", "tiny-window");
    const role_prompt = "Role. ".repeat(400);
    await bench().request("patch", `/rooms/${room.room.id}/agents/ada`, {
      token: room.user.token,
      body: { role_prompt },
    });
    expect((await post(room, "Go")).problem()).toMatchObject({ code: "context_budget_exceeded" });
  });
});

describe("case 20b: a window that overflows in mid-turn", () => {
  function script(words: Readonly<Record<string, string>>): void {
    const { openRouter } = bench().cloud.standIns;
    openRouter.setScript(
      Object.entries(words).map(([key, text]) => ({
        text,
        system_contains: `You are ${key}.`,
        times: "always" as const,
      })),
    );
  }

  it("has its carried replies shortened by rule, and says so in the audit", async () => {
    const room = await bench().furnish(["ada", "bob", "cyd"]);
    await useModel(bench(), room, "cyd", "tiny-window");
    script({ ada: "alpha ".repeat(300), bob: "beta ".repeat(300) });
    const turn = await room.send("Go");
    for (const index of [0, 1, 2]) await bench().deliver(turn, index);
    const over = await read(room, turn);
    expect(over.status).toBe("completed");
    const audit = (await auditOf(room, turn)).find((entry) => entry.agent_key === "cyd");
    expect(audit).toMatchObject({
      is_rejected: false,
      messages_out: [
        { message_id: over.steps[0]?.message_id, rule: "shortened_carry" },
        { message_id: over.steps[1]?.message_id, rule: "shortened_carry" },
      ],
    });
    const prompt = promptOf(chatRequests(bench()).at(-1));
    expect(prompt.match(/\[shortened\]/g)).toHaveLength(2);
    expect(prompt).toContain("alpha alpha");
    expect(prompt).toContain("beta beta");
    expect(over.steps[0]?.output).toBe("alpha ".repeat(300).trim());
  });

  it("fails that agent only when it still does not fit, without a model call", async () => {
    const room = await bench().furnish(["ada", "bob", "cyd", "fay", "dan", "eve"]);
    await useModel(bench(), room, "dan", "tiny-window");
    script(Object.fromEntries(["ada", "bob", "cyd", "fay"].map((key) => [key, `${key} says `.repeat(200)])));
    const turn = await room.send("Go");
    for (const index of [0, 1, 2, 3, 4, 5]) expect(await bench().deliver(turn, index)).toMatchObject({ status: 200 });
    const over = await read(room, turn);
    expect(over.steps.map(({ status }) => status)).toEqual(["done", "done", "done", "done", "failed", "done"]);
    expect(over).toMatchObject({ status: "partial" });
    expect(over.steps[4]?.error?.type).toBe("context_budget_exceeded");
    expect(chatRequests(bench())).toHaveLength(5);
    const audit = await auditOf(room, turn);
    expect(audit.map((entry) => [entry.agent_key, entry.is_rejected])).toEqual([
      ["ada", false],
      ["bob", false],
      ["cyd", false],
      ["fay", false],
      ["dan", true],
      ["eve", false],
    ]);
  });
});

describe("history", () => {
  it("is pruned, oldest replies first, and each cut is in the audit", async () => {
    const room = await bench().furnish(["ada"]);
    await priceModel(bench(), "narrow-window", 4096);
    await useModel(bench(), room, "ada", "narrow-window");
    const { openRouter } = bench().cloud.standIns;
    openRouter.setScript([{ text: "reply ".repeat(220), times: "always" }]);
    const turns: Turn[] = [];
    for (let index = 0; index < 11; index += 1) {
      const turn = await room.send(`question ${index}`);
      await bench().deliver(turn, 0);
      turns.push(await read(room, turn));
    }
    const last = turns.at(-1);
    const audit = (await auditOf(room, last ?? { id: "" }))[0];
    expect(audit?.is_pruned).toBe(true);
    const cuts = audit?.messages_out ?? [];
    expect(cuts.map(({ rule }) => rule)).toContain("pruned_oldest_reply");
    const included = audit?.messages_in;
    for (const recent of turns.slice(-5, -1)) expect(included).toContain(recent.steps[0]?.message_id);
    for (const { message_id } of cuts) expect(included).not.toContain(message_id);
  });
});
