import * as z from "zod";
import { openStep } from "../../functions/step.ts";
import { stepMessageVersion } from "../../src/contract/step-message.ts";
import type { Turn } from "../../src/contract/turns.ts";
import { signAttempt } from "../../src/local/qstash/signature.ts";
import type { ApiWorldOptions } from "../support/api.ts";
import { type EngineWorld, openEngineWorld } from "../support/engine.ts";

export interface Delivered {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly isNonRetryable: boolean;
}

export interface Bench extends EngineWorld {
  /** What the system role reads; each row an object. */
  rows<Row extends z.ZodType>(schema: Row, sql: string, params?: readonly string[]): Promise<readonly z.output<Row>[]>;
  count(sql: string, params?: readonly string[]): Promise<number>;
  write(sql: string, params?: readonly string[]): Promise<void>;
  /** The database's clock and the queue's, moved on together. */
  pass(seconds: number): Promise<void>;
  /** The queue takes messages and delivers none: what arrives, and when, is the test's own choice. */
  holdQueue(): Promise<void>;
  releaseQueue(): Promise<void>;
  /** One delivery of one step, signed as the queue signs it. */
  deliver(turn: Turn, stepIndex: number): Promise<Delivered>;
  deliverBody(body: string): Promise<Delivered>;
  /** Messages for steps that the queue accepted, oldest first. */
  accepted(): readonly AcceptedMessage[];
  resetModel(): void;
}

interface AcceptedMessage {
  readonly turn: string;
  readonly step: string;
  readonly bytes: number;
}

const Body = z.object({ turn: z.string(), step: z.string() });
const signedUrlPath = "/internal/steps";

export async function openBench(options: ApiWorldOptions = {}): Promise<Bench> {
  const world = await openEngineWorld(options);
  const { cloud, composed, backend } = world;
  const entrypoint = openStep(composed);
  let shiftSeconds = 0;
  const ask = async (sql: string, params: readonly string[] = []) => {
    const results = await backend.runBatch([{ sql: "set local role pantheon_system" }, { sql, params }]);
    return results[1]?.rows ?? [];
  };
  const deliverBody = async (body: string) => {
    const url = composed.ports.publicBaseUrl + signedUrlPath;
    const key = cloud.keys.qstashCurrentSigningKey;
    const signature = await signAttempt({ url, body: new TextEncoder().encode(body), key, wallMs: Date.now() });
    return toDelivered(
      await entrypoint.fetch(new Request(url, { method: "POST", body, headers: { "upstash-signature": signature } })),
    );
  };
  return {
    ...world,
    async rows(schema, sql, params) {
      const [row] = await ask(`select coalesce(json_agg(q), '[]') from (${sql}) q`, params);
      return z.array(schema).parse(JSON.parse(row?.[0] ?? "[]"));
    },
    count: async (sql, params) => Number((await ask(sql, params))[0]?.[0]),
    write: async (sql, params) => void (await ask(sql, params)),
    async pass(seconds) {
      shiftSeconds += seconds;
      await backend.run({ sql: shiftedNow(shiftSeconds) });
      cloud.standIns.qstash.advance(seconds * 1000);
    },
    holdQueue: () => world.setFaults("qstash", { drop: { rate: 1 } }),
    releaseQueue: () => world.setFaults("qstash", {}),
    deliver: (turn, stepIndex) => deliverBody(bodyOf(turn, stepIndex)),
    deliverBody,
    accepted: () =>
      cloud.standIns.qstash.core
        .events()
        .filter(({ state, message }) => state === "CREATED" && message.url.endsWith(signedUrlPath))
        .map(({ message }) => toAccepted(message.bodyBase64))
        .reverse(),
    resetModel: () => cloud.standIns.openRouter.reset(),
  };
}

export function bodyOf(turn: Turn, stepIndex: number): string {
  return JSON.stringify({ v: stepMessageVersion, turn: turn.id, step: stepOf(turn, stepIndex).id });
}

export function stepOf(turn: Turn, index: number) {
  const step = turn.steps[index];
  if (step === undefined) throw new Error(`the turn has no step ${index}`);
  return step;
}

export function shiftedNow(seconds: number): string {
  return `create or replace function pantheon_now() returns timestamptz language sql stable as $$ select now() + interval '${seconds} seconds' $$`;
}

function toAccepted(bodyBase64: string): AcceptedMessage {
  const body = Buffer.from(bodyBase64, "base64");
  return { ...Body.parse(JSON.parse(body.toString("utf8"))), bytes: body.byteLength };
}

function toDelivered({ status, headers }: Response): Delivered {
  return {
    status,
    retryAfter: headers.get("retry-after"),
    isNonRetryable: headers.get("upstash-nonretryable-error") === "true",
  };
}
