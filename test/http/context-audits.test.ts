import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { ContextAudit, maxLeftOutShown } from "../../src/contract/context-audits.ts";
import { type ApiWorld, openApiWorld } from "../support/api.ts";
import { ask, furnish, type Place, plantSummary, plantTurn } from "./memory-kit.ts";

let world: ApiWorld;
beforeAll(async () => {
  world = await openApiWorld();
});
afterAll(() => world.stop());

interface Spoken extends Place {
  readonly turnId: string;
  readonly stepId: string;
  readonly said: readonly (readonly string[])[];
}

/** Turns of a question and an answer each; the last one is looked at, and its first step is ada's. */
async function talk(turns: number): Promise<Spoken> {
  const place = await furnish(world);
  const said: (readonly string[])[] = [];
  for (let index = 1; index <= turns; index += 1)
    said.push(await plantTurn(world, place, { index, texts: [`question ${index}`, `answer ${index}`] }));
  const own = await ask(world, "select turn_id from messages where id = $1", [said.at(-1)?.[0] ?? ""]);
  const turnId = own[0]?.[0] ?? "";
  const stepId = world.composed.ports.ids.uuid();
  await ask(
    world,
    `insert into turn_steps (id, owner_id, turn_id, step_index, purpose, agent_key, round, status, waiting_on, unblocks, sees, window_tokens)
     values ($1, $2, $3, 0, 'agent', 'ada', 1, 'done', 0, '{}', '{}', 0)`,
    [stepId, place.user.id, turnId],
  );
  return { ...place, turnId, stepId, said };
}

async function audit({ user, turnId }: Spoken, kept: object, attempt = 1): Promise<void> {
  await ask(
    world,
    `insert into turn_context_audit (id, owner_id, turn_id, step_index, agent_key, attempt, audit) values ($1, $2, $3, 0, 'ada', $4, $5)`,
    [world.composed.ports.ids.uuid(), user.id, turnId, String(attempt), JSON.stringify(kept)],
  );
}

async function call(spoken: Spoken, ordinal: number, row: string): Promise<void> {
  await ask(
    world,
    `insert into llm_call_events (id, owner_id, room_id, session_id, turn_id, step_id, attempt, ordinal, agent_key, purpose, provider, model_alias,
       provider_model, fresh_tokens, cached_tokens, status, is_estimated, output_tokens, cache_write_tokens, reasoning_tokens, oe_hundredths,
       multiplier_milli, pricing_version, credit_units)
     values ($1, $2, $3, $4, $5, $6, 1, $7, 'ada', 'agent', 'openrouter', 'gpt-4o-mini', 'x', ${row}, 1, 0, 0, 0, 1, '2026-02-20', 0)`,
    [
      world.composed.ports.ids.uuid(),
      spoken.user.id,
      spoken.roomId,
      spoken.sessionId,
      spoken.turnId,
      spoken.stepId,
      String(ordinal),
    ],
  );
}

async function read({ user, turnId }: Spoken): Promise<readonly ContextAudit[]> {
  const answer = await world.request("get", `/turns/${turnId}/context`, { token: user.token });
  return answer.json(z.object({ data: z.array(ContextAudit) })).data;
}

const figures = {
  modelAlias: "gpt-4o-mini",
  modelContextLimit: 128_000,
  inputBudget: 123_391,
  outputReserve: 3_585,
  overheadReserve: 1_024,
  estimateBefore: 900,
  estimateAfterSummary: 500,
  estimateAfterPrune: 400,
  isSummaryWanted: true,
  isPruned: true,
  isRejected: false,
  summaryId: null,
  includedMessageIds: [],
  cuts: [],
  ranges: [],
  promptHash: "ab".repeat(32),
};

describe("the audit of a model call", () => {
  it("says what went in, what did not by which rule, and the figures that decided it", async () => {
    const spoken = await talk(5);
    const { id } = await plantSummary(world, spoken, { through_turn_index: 2 });
    const [first = [], , third = [], fourth = [], fifth = []] = spoken.said;
    const kept = { keptCharacters: 4, keptBytes: 4, originalBytes: 8 };
    await audit(spoken, {
      ...figures,
      summaryId: id,
      includedMessageIds: [id, first[0], fourth[0], fourth[1], fifth[0]],
      cuts: [
        { messageId: third[1], rule: "pruned_oldest_reply" },
        { messageId: third[0], rule: "pruned_oldest_turn" },
        { messageId: fourth[1], rule: "shortened_carry", ...kept },
      ],
      ranges: [{ rule: "replaced_by_summary", fromTurnIndex: 1, throughTurnIndex: 2 }],
    });
    await call(spoken, 0, "100, 20, 'ok', false");
    await call(spoken, 1, "110, 30, 'ok', false");
    await call(spoken, 2, "0, 0, 'failed', true");
    const [entry, ...others] = await read(spoken);
    expect(others).toEqual([]);
    expect(entry).toEqual({
      step_index: 0,
      step_id: spoken.stepId,
      agent_key: "ada",
      purpose: "agent",
      attempt: 1,
      model_alias: "gpt-4o-mini",
      model_context_limit: 128_000,
      input_budget: 123_391,
      output_reserve: 3_585,
      overhead_reserve: 1_024,
      estimate_before: 900,
      estimate_after_summary: 500,
      estimate_after_prune: 400,
      is_summary_wanted: true,
      is_pruned: true,
      is_rejected: false,
      summary_id: id,
      messages_in: [first[0], fourth[0], fourth[1], fifth[0]],
      messages_out: [
        { message_id: third[1], rule: "pruned_oldest_reply" },
        { message_id: third[0], rule: "pruned_oldest_turn" },
        { message_id: fourth[1], rule: "shortened_carry", kept_characters: 4, kept_bytes: 4, original_bytes: 8 },
        ...[first[1], ...(spoken.said[1] ?? [])].map((message_id) => ({ message_id, rule: "replaced_by_summary" })),
      ],
      ranges: [{ rule: "replaced_by_summary", from_turn_index: 1, through_turn_index: 2 }],
      is_truncated: false,
      provider_tokens: 140,
      prompt_hash: "ab".repeat(32),
      created_at: entry?.created_at,
    });
  });

  it("accounts for every message before the turn that was said to its agent, once", async () => {
    const spoken = await talk(6);
    await plantTurn(world, spoken, { index: 7, texts: ["refused"], status: "failed", isInHistory: false });
    const [, second = [], third = []] = spoken.said;
    await ask(world, "update messages set private_to = 'bob' where id = $1", [second[0] ?? ""]);
    await ask(world, "update messages set private_to = 'ada' where id = $1", [second[1] ?? ""]);
    await audit(spoken, {
      ...figures,
      includedMessageIds: [third[0], ...(spoken.said[5] ?? []).slice(0, 1)],
      cuts: [...(spoken.said[4] ?? [])].map((messageId) => ({ messageId, rule: "pruned_oldest_turn" })),
      ranges: [
        { rule: "replaced_by_summary", fromTurnIndex: 1, throughTurnIndex: 2 },
        { rule: "beyond_window", fromTurnIndex: 3, throughTurnIndex: 4 },
      ],
    });
    const [entry] = await read(spoken);
    const shown = [...(entry?.messages_in ?? []), ...(entry?.messages_out ?? []).map(({ message_id }) => message_id)];
    const before = spoken.said
      .slice(0, 5)
      .flat()
      .filter((id) => id !== second[0]);
    expect(shown.toSorted()).toEqual([...before, spoken.said[5]?.[0]].toSorted());
    expect(entry?.messages_out.filter(({ rule }) => rule === "beyond_window")).toHaveLength(3);
  });

  it("tells the newest thousand of what was not read, and that there are more", async () => {
    const spoken = await talk(2);
    await ask(
      world,
      `insert into messages (id, owner_id, session_id, turn_id, turn_index, position, author, text, tokens)
       select gen_random_uuid(), owner_id, session_id, turn_id, 1, i, 'agent', 'x', 1
       from messages, generate_series(2, $2::int) i where id = $1`,
      [spoken.said[0]?.[0] ?? "", String(maxLeftOutShown + 1)],
    );
    const range = { rule: "beyond_window", fromTurnIndex: 1, throughTurnIndex: 1 };
    await audit(spoken, { ...figures, ranges: [range] });
    await audit(
      spoken,
      { ...figures, includedMessageIds: [spoken.said[0]?.[0], spoken.said[0]?.[1]], ranges: [range] },
      2,
    );
    const [first, second] = await read(spoken);
    expect(first?.messages_out).toHaveLength(maxLeftOutShown);
    expect(first?.is_truncated).toBe(true);
    expect(first?.messages_out.map(({ message_id }) => message_id)).not.toContain(spoken.said[0]?.[0]);
    expect(second?.messages_out).toHaveLength(maxLeftOutShown);
    expect(second?.is_truncated).toBe(false);
    expect(first?.ranges).toEqual([{ rule: "beyond_window", from_turn_index: 1, through_turn_index: 1 }]);
  });

  it.each([
    ["was never answered", "0, 0, 'failed', true"],
    ["was answered without figures", "100, 20, 'ok', true"],
    ["was lost", "0, 0, 'lost', true"],
  ])("has no count of the provider's where the call %s", async (_, row) => {
    const spoken = await talk(1);
    await audit(spoken, figures);
    await call(spoken, 0, row);
    expect((await read(spoken))[0]?.provider_tokens).toBeNull();
  });

  it("reads what was kept before ranges, summaries and hashes were", async () => {
    const spoken = await talk(1);
    const { summaryId: _, ranges: __, promptHash: ___, ...old } = figures;
    await audit(spoken, { ...old, summaryMessageId: null, includedMessageIds: spoken.said[0] });
    await audit(spoken, {}, 2);
    const [before, empty] = await read(spoken);
    expect(before).toMatchObject({ messages_in: spoken.said[0], summary_id: null, ranges: [], prompt_hash: null });
    expect(empty).toMatchObject({
      model_alias: null,
      input_budget: null,
      estimate_before: null,
      is_rejected: false,
      messages_in: [],
      messages_out: [],
      is_truncated: false,
    });
  });

  it("knows the message of a turn that was refused before it had an id", async () => {
    const spoken = await talk(1);
    await audit(spoken, { ...figures, isRejected: true, includedMessageIds: [""] }, 0);
    expect(await read(spoken)).toMatchObject([{ is_rejected: true, attempt: 0, messages_in: [spoken.said[0]?.[0]] }]);
  });

  it("takes one round trip, and is nobody else's", async () => {
    const spoken = await talk(1);
    await audit(spoken, figures);
    world.sqlTrips();
    await read(spoken);
    expect(world.sqlTrips()).toBe(1);
    const { token } = await world.signUp();
    expect((await world.request("get", `/turns/${spoken.turnId}/context`, { token })).problem()).toMatchObject({
      code: "not_found",
    });
  });
});
