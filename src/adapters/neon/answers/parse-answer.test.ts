import { describe, expect, it } from "vitest";
import {
  beginnings,
  call,
  claims,
  commits,
  creations,
  decisions,
  entrySnapshot,
  message,
  resumes,
  snapshot,
} from "../../../../test/fixtures/database-answers.ts";
import { foreign, spoil } from "../../../../test/support/spoil.ts";
import { PantheonError } from "../../../contract/errors.ts";
import { beginningAnswer, entryGroundAnswer } from "./memory-answers.ts";
import { type Answer, parseAnswer } from "./parse-answer.ts";
import { claimAnswer, commitAnswer } from "./step-answers.ts";
import { creationAnswer, decisionAnswer, quoteSnapshotAnswer, resumeAnswer, snapshotAnswer } from "./turn-answers.ts";

interface Row {
  readonly title: string;
  readonly answer: Answer<unknown>;
  readonly sample: unknown;
}

const rowsOf = (answer: Answer<unknown>, samples: readonly { readonly kind: string }[]): readonly Row[] =>
  samples.map((sample, index) => ({ title: `${answer.from} ${index}: ${sample.kind}`, answer, sample }));

const rows: readonly Row[] = [
  ...rowsOf(claimAnswer, claims),
  ...rowsOf(commitAnswer, commits),
  ...rowsOf(creationAnswer, creations),
  ...rowsOf(resumeAnswer, resumes),
  ...rowsOf(decisionAnswer, decisions),
  ...rowsOf(beginningAnswer, beginnings),
  { title: entryGroundAnswer.from, answer: entryGroundAnswer, sample: entrySnapshot },
  { title: snapshotAnswer.from, answer: snapshotAnswer, sample: snapshot },
  {
    title: quoteSnapshotAnswer.from,
    answer: quoteSnapshotAnswer,
    sample: { ...snapshot, walletUnits: "1", windowTokens: 1, windowMessages: 1 },
  },
];

const toldAt = ({ from }: Answer<unknown>, path: string) =>
  `The database answered ${from} with another shape at ${path}.`;

function refusalOf(answer: Answer<unknown>, value: unknown): PantheonError {
  try {
    parseAnswer(answer, value);
  } catch (error) {
    if (error instanceof PantheonError) return error;
    throw error;
  }
  throw new Error(`nothing was refused in ${JSON.stringify(value)}`);
}

describe("what the database answers", () => {
  it.each(rows)("goes on as it is: $title", ({ answer, sample }) => {
    expect(parseAnswer(answer, sample)).toBe(sample);
  });

  it.each(rows)("is refused by name at every place that has another shape: $title", ({ answer, sample }) => {
    for (const { path, value } of spoil(sample)) {
      const error = refusalOf(answer, value);
      expect(error).toMatchObject({ code: "internal", message: toldAt(answer, path || "/") });
      expect(error.message).not.toContain(foreign);
    }
  });

  it.each<Answer<unknown>>([claimAnswer, commitAnswer, creationAnswer])(
    "is refused where its kind is unknown: $from",
    (answer) => {
      for (const kind of ["constructor", "", null])
        expect(refusalOf(answer, { kind }).message).toBe(toldAt(answer, "/kind"));
    },
  );

  it("may say more than anyone reads", () => {
    const more = { ...call, plan: { ...call.plan, most_replies: 3 }, more: 1 };
    expect(parseAnswer(claimAnswer, more)).toBe(more);
  });

  it("is read once, field by field, however long the window is", () => {
    let reads = 0;
    const counted = new Proxy(message, {
      get(target, name) {
        reads += 1;
        return Reflect.get(target, name);
      },
    });
    const messages = Array.from({ length: 4000 }, () => counted);
    parseAnswer(claimAnswer, { ...call, window: { ...call.window, messages } });
    expect(reads).toBe(4000 * Object.keys(message).length);
  });
});
