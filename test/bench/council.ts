import { setTimeout as pause } from "node:timers/promises";
import { type Arena, furnishSeats, post, type Seat } from "./arena.ts";
import { percentile } from "./figures.ts";

export interface CouncilTimes {
  /** How long the model takes for a reply, on average. */
  readonly modelMs: number;
  readonly turnMs: readonly number[];
}

const agents = 5;
const words = "One two three four five six seven eight nine ten eleven twelve.";
const ballot = { reason: words, ranking: ["A", "B", "C", "D"] };
const asksForBallot = "rank the answers";
/** About a second for a reply, as of a quick model: what the machine itself takes is the smaller part. */
const pace = { slow_tokens: { ms_per_chunk: 50 } };
const lookEveryMs = 20;

/** Councils one after the other, and a model of a known pace. */
export async function measureCouncils(arena: Arena, turns: number): Promise<CouncilTimes> {
  const [seat] = await furnishSeats(arena, { users: 1, seats: 1, agents });
  if (seat === undefined) throw new Error("there is no session");
  const { openRouter } = arena.cloud.standIns;
  openRouter.setFaults(pace);
  openRouter.setScript([
    { json: ballot, contains: asksForBallot, times: "always" },
    { text: words, times: "always" },
  ]);
  const [answerMs, ballotMs] = [await timeReply(arena, "Answer."), await timeReply(arena, asksForBallot)];
  for (let turn = 1; turn <= turns; turn += 1) await convene(arena, seat, turn);
  openRouter.setFaults({});
  openRouter.setScript([]);
  const took = "select extract(epoch from finished_at - created_at) * 1000 from turns where mode = 'council'";
  // Answers side by side, ballots side by side, the chairman's last word.
  return { modelMs: (2 * answerMs + ballotMs) / 3, turnMs: (await arena.ask(took)).map(([ms]) => Number(ms)) };
}

export function modelTimes({ modelMs, turnMs }: CouncilTimes): number {
  return percentile(turnMs, 0.5) / modelMs;
}

async function convene(arena: Arena, { token, sessionId }: Seat, turn: number): Promise<void> {
  await post(arena, token, `/sessions/${sessionId}/turns`, { message: "What comes first?", mode: "council" });
  const over = "select 1 from turns where mode = 'council' and status = 'completed'";
  const giveUpAt = performance.now() + 60_000;
  while ((await arena.ask(over)).length < turn) {
    if (performance.now() > giveUpAt) throw new Error("a council does not end");
    await pause(lookEveryMs);
  }
}

/** The same reply as a turn gets it, asked for without the product. */
async function timeReply({ cloud }: Arena, message: string): Promise<number> {
  const times: number[] = [];
  for (let reply = 0; reply < 5; reply += 1) {
    const startedAt = performance.now();
    const response = await fetch(`${cloud.standIns.openRouter.baseUrl}/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${cloud.keys.openRouterKey}`, "content-type": "application/json" },
      body: JSON.stringify({
        model: "openai/gpt-4o-mini",
        stream: true,
        messages: [{ role: "user", content: message }],
      }),
    });
    await response.text();
    times.push(performance.now() - startedAt);
  }
  return percentile(times, 0.5);
}
