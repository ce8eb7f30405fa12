import type { Arena } from "./arena.ts";

/** What the stand-ins saw on the wire. */
export interface Counts {
  readonly creates: number;
  readonly claims: number;
  readonly commits: number;
  readonly otherSql: number;
  readonly publishes: number;
  readonly messages: number;
  readonly deliveries: number;
  readonly modelCalls: number;
  readonly longestMessageBytes: number;
}

const kinds = {
  creates: "pantheon_create_turn",
  claims: "pantheon_claim_step",
  commits: "pantheon_commit_step",
} as const;

/** Counts from here on, until the answer is called. */
export function startCounting({ cloud }: Arena): () => Counts {
  const { neon, qstash, openRouter } = cloud.standIns;
  const sql = { creates: 0, claims: 0, commits: 0, otherSql: 0 };
  const stopListening = neon.onRequest(({ queries }) => {
    sql[kindOf(queries)] += 1;
  });
  const before = qstash.stats();
  const callsBefore = openRouter.stats().chat_attempts;
  return () => {
    stopListening();
    const after = qstash.stats();
    return {
      ...sql,
      publishes: after.publish_requests - before.publish_requests,
      messages: after.published - before.published,
      deliveries: after.attempts - before.attempts,
      modelCalls: openRouter.stats().chat_attempts - callsBefore,
      longestMessageBytes: longestMessage(cloud.standIns),
    };
  };
}

function kindOf(queries: readonly string[]): keyof typeof kinds | "otherSql" {
  const text = queries.join("\n");
  for (const kind of ["creates", "claims", "commits"] as const) if (text.includes(kinds[kind])) return kind;
  return "otherSql";
}

function longestMessage({ qstash }: Arena["cloud"]["standIns"]): number {
  const lengths = qstash.core.events().map(({ message }) => Buffer.from(message.bodyBase64, "base64").byteLength);
  return lengths.reduce((longest, length) => Math.max(longest, length), 0);
}
