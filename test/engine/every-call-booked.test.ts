import { beforeAll, describe, expect, it } from "vitest";
import { createRandom } from "../chaos/simulation/random.ts";
import { agentOf, type BookedCall, bookedCalls, type ModelRequest } from "./booked-calls.ts";
import type { Bench } from "./engine-bench.ts";
import { chatRequests, useBench } from "./engine-kit.ts";
import { faultPlays } from "./fault-plays.ts";

describe("over a mixed run of faults, time-outs, cancels and lost holders", () => {
  const bench = useBench();
  let played: readonly Played[] = [];
  beforeAll(async () => {
    played = await playAll(bench());
  });

  it("the model was called as often as the ledger has rows", () => {
    const rows = played.flatMap((turn) => turn.rows);
    expect(rows).toHaveLength(chatRequests(bench()).length);
    expect(rows.filter(isLost)).toHaveLength(2 * faultPlays.filter((play) => play.isFirstCallLost).length);
  });

  it("each call has its own row, with the generation and the status that the model answered", () => {
    for (const { name, heard, rows } of played) {
      expect(byAgent(rows.filter((row) => !isLost(row)).map(keysOfRow)), name).toEqual(
        byAgent(heard.map(keysOfRequest)),
      );
    }
  });

  it("a call that nobody heard the end of is booked as lost, to the agent that it was for", () => {
    for (const { name, lost, rows } of played) {
      expect(
        rows.filter(isLost).map(({ agent_key }) => agent_key),
        name,
      ).toEqual(lost.map(agentOf));
    }
  });

  it("a row that is no estimate has the tokens that the model billed", () => {
    const billed = new Map(
      played.flatMap(({ heard }) => heard.map((request) => [request.generation_id, request.usage])),
    );
    const exact = played.flatMap(({ rows }) => rows.filter((row) => !row.is_estimated && row.generation_id !== null));
    expect(exact.length).toBeGreaterThan(0);
    for (const { generation_id, prompt, output } of exact) {
      expect(billed.get(generation_id)).toMatchObject({ prompt_tokens: prompt, completion_tokens: output });
    }
  });

  it("every fault was met, and there were calls that no step shows", () => {
    for (const { name, heard, lost, faults } of played) {
      const met = new Set([...heard, ...lost].flatMap((request) => request.faults));
      for (const fault of faults) expect(met, name).toContain(fault);
    }
    expect(played.some(({ heard, attempts }) => heard.length > attempts)).toBe(true);
  });
});

interface Played {
  readonly name: string;
  readonly heard: readonly ModelRequest[];
  readonly lost: readonly ModelRequest[];
  readonly rows: readonly BookedCall[];
  readonly faults: readonly string[];
  readonly attempts: number;
}

/** Each play in a manual and in a round-table room, whose history grows on the way. */
async function playAll(bench: Bench): Promise<readonly Played[]> {
  const random = createRandom(process.env.CALLS_SEED ?? "1");
  const { openRouter } = bench.cloud.standIns;
  bench.resetModel();
  await bench.holdQueue();
  const played: Played[] = [];
  for (const mode of ["manual", "roundtable"]) {
    const room = await bench.furnish(["ada", "bob"], { mode });
    for (const play of faultPlays) {
      openRouter.setFaults({});
      const before = chatRequests(bench).length;
      const tags = mode === "manual" ? random.pick(["@ada ", "@bob @ada "]) : "";
      const turn = await room.send(`${tags}What of ${play.name}?`);
      await play.act(bench, room, turn);
      const requests = chatRequests(bench).slice(before);
      const lostCount = play.isFirstCallLost ? 1 : 0;
      const rows = await bookedCalls(bench, turn);
      played.push({
        name: `${mode}: ${play.name}`,
        heard: requests.slice(lostCount),
        lost: requests.slice(0, lostCount),
        rows,
        faults: play.faults,
        attempts: new Set(rows.map(({ agent_key, attempt }) => `${agent_key} ${attempt}`)).size,
      });
    }
  }
  return played;
}

interface CallKeys {
  readonly agent: string;
  readonly httpStatus: number | null;
  readonly generationId: string | null;
}

function keysOfRequest(request: ModelRequest): CallKeys {
  return { agent: agentOf(request), httpStatus: request.status, generationId: request.generation_id };
}

function keysOfRow({ agent_key, http_status, generation_id }: BookedCall): CallKeys {
  return { agent: agent_key, httpStatus: http_status, generationId: generation_id };
}

/** Steps that run at once interleave their calls; those of one agent are in order. */
function byAgent(calls: readonly CallKeys[]): readonly CallKeys[] {
  return calls.toSorted((left, right) => left.agent.localeCompare(right.agent));
}

function isLost({ status }: BookedCall): boolean {
  return status === "lost";
}
