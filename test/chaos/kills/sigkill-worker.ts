import { isDeepStrictEqual } from "node:util";
import { type ApiClient, finishTurn, makeSession, sendTurn } from "./api-client.ts";
import { type Errand, openTappedCloud, silentTap, type TappedCloud } from "./tapped-cloud.ts";
import { startWorkerProcess, type WorkerProcess } from "./worker-process.ts";

interface KillPoint {
  readonly name: string;
  readonly errand: Errand;
  readonly when: "before" | "after";
  /** How many answers of the model are paid for in vain. */
  readonly wastedCalls: number;
}

/** Where the process dies, as seen by those it talks to. */
const killPoints: readonly KillPoint[] = [
  { name: "before the claim", errand: "claim", when: "before", wastedCalls: 0 },
  { name: "after the claim", errand: "claim", when: "after", wastedCalls: 0 },
  { name: "during the model call", errand: "model call", when: "after", wastedCalls: 1 },
  { name: "after the model, before the commit", errand: "commit", when: "before", wastedCalls: 1 },
  { name: "after the commit, before its answer", errand: "commit", when: "after", wastedCalls: 0 },
  { name: "after the commit, before the publish", errand: "publish", when: "before", wastedCalls: 0 },
  { name: "after the publish, before the answer to the queue", errand: "publish", when: "after", wastedCalls: 0 },
  { name: "after the turn is made, before it is answered", errand: "create turn", when: "after", wastedCalls: 0 },
];

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
    for (const point of killPoints) {
      const found = await killOnce(cloud, running, { point, client });
      violations.push(...found.map((violation) => `killed ${point.name}: ${violation}`));
      kills += 1;
      console.log(`SIGKILL ${point.name}: ${found.length === 0 ? "each agent spoke once" : found.join("; ")}`);
    }
  } finally {
    await running.worker?.kill();
    await cloud.stop();
  }
  return { kills, violations };
}

interface Killing {
  readonly point: KillPoint;
  readonly client: ApiClient;
}

async function killOnce(
  cloud: TappedCloud,
  running: { worker: WorkerProcess | undefined },
  { point, client }: Killing,
) {
  const sessionId = await makeSession(client);
  // The first publish is the API's own; the one of the step's is meant.
  let left = point.errand === "publish" ? 2 : 1;
  const isMeant = (errand: Errand) => {
    if (errand !== point.errand) return false;
    left -= 1;
    return left === 0;
  };
  let restarted: Promise<void> | undefined;
  const strike = async (errand: Errand) => {
    if (!isMeant(errand)) return;
    await running.worker?.kill();
    restarted = startWorkerProcess(cloud).then((worker) => {
      running.worker = worker;
    });
    // Nobody is left to hear the answer.
    await new Promise(() => undefined);
  };
  const callsBefore = cloud.cloud.standIns.openRouter.stats().chat_attempts;
  cloud.setTap({ ...silentTap, [point.when]: strike });
  const turn = await finishTurn(client, (await sendTurn(client, sessionId)).id);
  await restarted;
  cloud.setTap(silentTap);
  const calls = cloud.cloud.standIns.openRouter.stats().chat_attempts - callsBefore;
  return [
    ...(restarted === undefined ? ["the process was never killed"] : []),
    ...(await inspectTurn(cloud, turn.id)),
    ...(calls === 2 + point.wastedCalls ? [] : [`${calls} model calls, ${2 + point.wastedCalls} expected`]),
  ];
}

const expected = { turns: 1, status: "completed", ends: 1, gap: 0, said: ["ada", "bob"], ok: 2, left: 0, stuck: 0 };

/** Both agents spoke once and in order, the log is whole, and nothing is left to do. */
export async function inspectTurn({ read }: Pick<TappedCloud, "read">, turnId: string): Promise<readonly string[]> {
  const found = await read(`select jsonb_build_object(
    'turns', (select count(*) from turns o where o.session_id = t.session_id),
    'status', t.status,
    'ends', (select count(*) from turn_events e where e.turn_id = t.id and e.type = 'turn.completed'),
    'gap', t.last_seq - (select count(*) from turn_events e where e.turn_id = t.id),
    'said', (select jsonb_agg(m.agent_key order by m.position) from messages m where m.turn_id = t.id and m.author = 'agent'),
    'ok', (select count(*) from llm_call_events c where c.turn_id = t.id and c.status = 'ok'),
    'left', (select count(*) from outbox o where o.turn_id = t.id),
    'stuck', (select count(*) from stuck_turns))
    from turns t where t.id = '${turnId}'`);
  return isDeepStrictEqual(found, expected) ? [] : [`found ${JSON.stringify(found)}`];
}
