import { isDeepStrictEqual } from "node:util";
import { type ApiClient, finishTurn, makeSession, sendTurn } from "./api-client.ts";
import { type KillPoint, type KillScene, killScenes } from "./kill-points.ts";
import { type Errand, openTappedCloud, silentTap, type TappedCloud } from "./tapped-cloud.ts";
import { untilAnswered } from "./until-answered.ts";
import { startWorkerProcess, type WorkerProcess } from "./worker-process.ts";

export interface KillReport {
  readonly kills: number;
  readonly violations: readonly string[];
}

/** Kills the real Worker once at each point, starts it again, and looks at what became of the turn. */
export async function killWorkerEverywhere(): Promise<KillReport> {
  const cloud = await openTappedCloud();
  const running: { worker: WorkerProcess | undefined } = { worker: undefined };
  const violations: string[] = [];
  let kills = 0;
  try {
    running.worker = await startWorkerProcess(cloud);
    const client = { url: `http://127.0.0.1:${cloud.port}`, token: await cloud.signIn() };
    for (const { scene, point } of killScenes.flatMap(withPoints)) {
      const found = await killOnce(cloud, running, { scene, point, client });
      const name = `${point.name} (${scene.plays})`;
      violations.push(...found.map((violation) => `killed ${name}: ${violation}`));
      kills += 1;
      console.log(`SIGKILL ${name}: ${found.length === 0 ? "each agent spoke once" : found.join("; ")}`);
    }
  } finally {
    await running.worker?.kill();
    await cloud.stop();
  }
  return { kills, violations };
}

function withPoints(scene: KillScene) {
  return scene.points.map((point) => ({ scene, point }));
}

interface Killing {
  readonly scene: KillScene;
  readonly point: KillPoint;
  readonly client: ApiClient;
}

async function killOnce(
  cloud: TappedCloud,
  running: { worker: WorkerProcess | undefined },
  { scene, point, client }: Killing,
) {
  const { plays } = scene;
  const sessionId = await makeSession(client, plays === "summary" ? "roundtable" : plays);
  if (plays === "summary") await finishTurn(client, (await sendTurn(client, sessionId, 0)).id);
  let left = scene.nth(point.errand);
  const isMeant = (errand: Errand) => {
    if (errand !== point.errand) return false;
    left -= 1;
    return left === 0;
  };
  let restarted: Promise<void> | undefined;
  const strike = async (errand: Errand) => {
    if (!isMeant(errand)) return;
    await running.worker?.kill();
    await cloud.endLeases();
    restarted = startWorkerProcess(cloud).then((worker) => {
      running.worker = worker;
    });
    // Nobody is left to hear the answer.
    await new Promise(() => undefined);
  };
  const callsBefore = cloud.cloud.standIns.openRouter.stats().chat_attempts;
  cloud.setTap({ ...silentTap, [point.when]: strike });
  const turn = await finishTurn(client, (await sendTurn(client, sessionId)).id);
  if (plays === "summary") await untilSummedUp(cloud, sessionId);
  // What it asked for may be done before the process is killed.
  await untilAnswered(async () => {
    if (restarted === undefined) throw new Error("the process was never killed");
  });
  await restarted;
  cloud.setTap(silentTap);
  const calls = cloud.cloud.standIns.openRouter.stats().chat_attempts - callsBefore;
  return [
    ...(await inspectTurn(cloud, turn.id)),
    ...(plays === "summary" ? await inspectSummary(cloud, sessionId) : []),
    ...(await inspectCalls(cloud, sessionId, { plays, calls, wasted: point.wastedCalls })),
  ];
}

const whole = { status: "completed", ends: 1, gap: 0, unsaid: 0, unpaid: 0, left: 0, stuck: 0 };

/** Every step of the turn was done by one call and said what it has to say once, the log is whole, and nothing is left to do. */
export async function inspectTurn({ read }: Pick<TappedCloud, "read">, turnId: string): Promise<readonly string[]> {
  const found = await read(`select jsonb_build_object(
    'status', t.status,
    'ends', (select count(*) from turn_events e where e.turn_id = t.id and e.type = 'turn.completed'),
    'gap', t.last_seq - (select count(*) from turn_events e where e.turn_id = t.id),
    'unsaid', (select count(*) from turn_steps s where s.turn_id = t.id and s.status = 'done'
      and (s.purpose in ('agent', 'synthesize', 'vote'))::int <> (select count(*) from messages m
        where m.turn_id = t.id and m.author = 'agent' and m.agent_key = s.agent_key and m.position = s.step_index + 1)),
    'unpaid', (select count(*) from turn_steps s where s.turn_id = t.id and (s.status <> 'done'
      or 1 <> (select count(*) from llm_call_events c where c.step_id = s.id and c.status = 'ok'))),
    'left', (select count(*) from outbox o where o.turn_id = t.id),
    'stuck', (select count(*) from stuck_turns))
    from turns t where t.id = '${turnId}'`);
  return isDeepStrictEqual(found, whole) ? [] : [`found ${JSON.stringify(found)}`];
}

async function untilSummedUp({ read }: TappedCloud, sessionId: string): Promise<void> {
  await untilAnswered(async () => {
    const sql = `select count(*) from turns where session_id = '${sessionId}' and mode = 'summary' and status = 'completed'`;
    if ((await read(sql)) === 0) throw new Error("the session is not summed up");
  });
}

const summedUp = { turns: 1, versions: 1, held: 0 };

async function inspectSummary({ read }: TappedCloud, sessionId: string): Promise<readonly string[]> {
  const found = await read(`select jsonb_build_object(
    'turns', (select count(*) from turns where session_id = s.id and mode = 'summary'),
    'versions', (select count(*) from session_summaries where session_id = s.id and not is_fallback and through_turn_index = 1),
    'held', (select count(*) from holds h join turns t on t.id = h.turn_id where t.session_id = s.id and h.is_open))
    from sessions s where s.id = '${sessionId}'`);
  return isDeepStrictEqual(found, summedUp) ? [] : [`found ${JSON.stringify(found)}`];
}

interface Counted {
  readonly plays: KillScene["plays"];
  readonly calls: number;
  readonly wasted: number;
}

/** Steps that run side by side die together. */
async function inspectCalls({ read }: TappedCloud, sessionId: string, { plays, calls, wasted }: Counted) {
  const before = plays === "summary" ? 1 : 0;
  const steps = `select count(*) from turn_steps s join turns t on t.id = s.turn_id
    where t.session_id = '${sessionId}' and (t.turn_index < 0 or t.turn_index > ${before})`;
  const expected = Number(await read(steps)) + wasted;
  const beside = plays === "council" || plays === "debate" ? 1 : 0;
  const isRight = calls >= expected - beside && calls <= expected + beside;
  return isRight ? [] : [`${calls} model calls, ${expected} expected`];
}
