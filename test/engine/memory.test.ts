import { beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import type { Bench } from "./engine-bench.ts";
import { chatRequests, promptOf, useBench } from "./engine-kit.ts";

const bench = useBench();

beforeEach(async () => {
  bench().resetModel();
  await bench().releaseQueue();
});

const SummaryTurn = z.object({ id: z.string(), status: z.string(), turn_index: z.coerce.number() });
const Summary = z.object({
  version: z.coerce.number(),
  through: z.coerce.number(),
  made_at: z.coerce.number(),
  is_fallback: z.string(),
  rendered: z.string(),
});

async function settled({ cloud }: Bench): Promise<void> {
  await cloud.standIns.qstash.core.settled();
}

function summaryTurns(sessionId: string) {
  const columns = "id, status, turn_index";
  return bench().rows(SummaryTurn, `select ${columns} from turns where session_id = $1 and mode = 'summary'`, [
    sessionId,
  ]);
}

function summaries(sessionId: string) {
  const columns = "version, through_turn_index as through, made_at_turn_index as made_at, is_fallback::text, rendered";
  return bench().rows(Summary, `select ${columns} from session_summaries where session_id = $1 order by version`, [
    sessionId,
  ]);
}

describe("memory", () => {
  it("sums the session up beside the conversation after eight turns, and prompts then begin with the summary", async () => {
    const { session, send, finish } = await bench().furnish(["ada"]);
    for (let turn = 1; turn <= 8; turn += 1) await finish(await send(`This is turn ${turn}.`));
    await settled(bench());
    expect(await summaryTurns(session.id)).toMatchObject([{ status: "completed", turn_index: -1 }]);
    expect(await summaries(session.id)).toMatchObject([{ version: 1, through: 4, made_at: 8, is_fallback: "false" }]);
    bench().resetModel();
    await finish(await send("This is turn 9."));
    const prompt = promptOf(chatRequests(bench())[0]);
    expect(prompt).toContain("<summary>");
    expect([1, 4, 5, 8].map((turn) => prompt.includes(`This is turn ${turn}.`))).toEqual([false, false, true, true]);
  });
});
