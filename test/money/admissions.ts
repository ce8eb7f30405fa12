import { randomUUID } from "node:crypto";
import { SessionId } from "../../src/contract/ids.ts";
import { claimRequest, doneCommit, type RaceSetting, type RaceWorld } from "../chaos/races/race-kit.ts";

export interface Admissions {
  readonly rounds: number;
  readonly turns: number;
  readonly admitted: number;
  readonly most_admitted: number;
  readonly least_admitted: number;
  readonly overspent: number;
  readonly mismatches: number;
}

const atOnce = 50;
const covered = 7;

/** Rounds of fifty turns begun at one moment, each round by a user whose wallet covers the worst case of seven. */
export async function playAdmissions(world: RaceWorld, rounds: number): Promise<Admissions> {
  const holdUnits = await holdOfOneTurn(world);
  let admitted = 0;
  let overspent = 0;
  const perRound: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const wallet = holdUnits * BigInt(covered) + BigInt(round % 2) * (holdUnits - 1n);
    const setting = await world.furnish(1, { walletUnits: wallet });
    const turns = await sendEverywhere(world, setting);
    perRound.push(turns.length);
    admitted += turns.length;
    if ((await settleAll(world, setting, turns)) > wallet) overspent += 1;
  }
  const mismatches = Number(await world.read("select count(*) from pantheon_money_mismatches"));
  return {
    rounds,
    turns: rounds * atOnce,
    admitted,
    most_admitted: Math.max(...perRound),
    least_admitted: Math.min(...perRound),
    overspent,
    mismatches,
  };
}

async function holdOfOneTurn(world: RaceWorld): Promise<bigint> {
  const setting = await world.furnish(1);
  const turn = await setting.send();
  if ("refused" in turn) throw new Error(`a turn was refused: ${turn.refused}`);
  return BigInt(String(await world.read(`select sum(units)::text from holds where turn_id = '${turn.id}'`)));
}

/** One turn in each of fifty sessions; only money can refuse one. */
async function sendEverywhere(world: RaceWorld, setting: RaceSetting): Promise<readonly string[]> {
  const sessions = Array.from({ length: atOnce }, () => SessionId.parse(randomUUID()));
  await world.change(
    `insert into sessions (id, owner_id, room_id, title) select s::uuid, $1, $2, '' from jsonb_array_elements_text($3::jsonb) s`,
    setting.caller.userId,
    setting.roomId,
    JSON.stringify(sessions),
  );
  const sent = await Promise.all(sessions.map((session) => setting.sendTo(session)));
  return sent.flatMap((turn) => {
    if (!("refused" in turn)) return [turn.id];
    if (turn.refused !== "insufficient_credits") throw new Error(`a turn was refused: ${turn.refused}`);
    return [];
  });
}

/** Every call uses more than was held for it, all at once; answers what the user paid. */
async function settleAll(
  { ports, read }: RaceWorld,
  { caller }: RaceSetting,
  turns: readonly string[],
): Promise<bigint> {
  await Promise.all(
    turns.map(async (turn) => {
      const step = String(await read(`select id::text from turn_steps where turn_id = '${turn}'`));
      await ports.steps.claim(claimRequest(turn, step));
      await ports.steps.commit({ ...doneCommit(turn, step, 1), calls: [dearCall()] });
    }),
  );
  return BigInt(
    String(await read(`select coalesce(sum(charged_units), 0)::text from holds where owner_id = '${caller.userId}'`)),
  );
}

function dearCall() {
  return {
    id: randomUUID(),
    ordinal: 0,
    provider: "openrouter",
    model_alias: "gpt-4o-mini",
    provider_model: "openai/gpt-4o-mini",
    request_id: null,
    generation_id: null,
    fresh_tokens: "1000000",
    cached_tokens: "0",
    output_tokens: "0",
    cache_write_tokens: "0",
    reasoning_tokens: "0",
    oe_hundredths: "35000000",
    multiplier_milli: 1000,
    credit_units: "35000000000",
    cost_usd_pico: null,
    latency_ms: 1,
    status: "ok",
    http_status: 200,
    finish_reason: "stop",
    is_estimated: false,
    is_charged: true,
  } as const;
}
