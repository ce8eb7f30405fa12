import { describe, expect, it } from "vitest";
import { readFiles } from "../tree.ts";
import { type KeyTree, readKeys } from "./jsonb-keys.ts";
import { parseSource } from "./source.ts";
import { byName, readSources, SOURCES } from "./source-laws.ts";
import { openTypes } from "./type-keys.ts";

const files = readFiles([SOURCES]);
const sources = byName(readSources(files));

/** Which type fills which argument: where, under what name. */
const filled = {
  pantheon_claim_step: ["p", "src/ports/steps.ts", "ClaimRequest"],
  pantheon_commit_step: ["p", "src/ports/steps.ts", "StepCommit"],
  pantheon_fail_turn: ["p_error", "src/contract/turns.ts", "StepError"],
  pantheon_create_turn: ["p", "src/adapters/neon/turn-store.ts", "NewTurnRow"],
  pantheon_decide_tool_calls: ["p_decisions", "src/ports/turns.ts", "CallDecision"],
  pantheon_begin_summary: ["p", "src/ports/memory-store.ts", "SummaryTurn"],
  pantheon_revise_summary: ["p", "src/ports/memory.ts", "NewSummary"],
  pantheon_claim_delivery: ["p", "src/ports/deliveries.ts", "DeliveryClaimRequest"],
  pantheon_commit_delivery: ["p", "src/ports/deliveries.ts", "DeliveryCommit"],
  pantheon_admin_add_pricing_version: ["p_prices", "src/adapters/neon/pricing-store.ts", "PriceRow"],
} as const;

const excused = [
  // The answer says it; the row has its error.
  "NewTurnRow.rejection is filled and never read",
  // A summary that follows a turn begins by the database's clock.
  "StepCommit.after.created_at is read and never filled",
];

const types = openTypes([...new Set(Object.values(filled).map(([, path]) => path))]);

function findings(changed = sources): readonly string[] {
  return Object.entries(filled).flatMap(([name, [parameter, path, type]]) => {
    const source = changed.get(name);
    if (source === undefined) return [`${name} is not there`];
    return types.compare(readKeys(source, parameter, changed), types.find(path, type));
  });
}

/** The sources, one of them with a text replaced. */
function edited(name: string, from: string, to: string) {
  const source = sources.get(name);
  const text = source?.statements.join("\n") ?? "";
  expect(text).toContain(from);
  return new Map([...sources, [name, parseSource(source?.path ?? "", text.replace(from, to))]]);
}

describe("what functions read of their jsonb", () => {
  it("is what the types fill, nothing less and nothing more", () => {
    expect(findings().toSorted()).toEqual(excused.toSorted());
  });

  it.each([
    ["pantheon_commit_step", "p->>'audit_id'", "p->>'audit'", "StepCommit.audit_id is filled and never read"],
    ["pantheon_commit_step", "(p->>'is_fault')", "(p->>'is_faulty')", "StepCommit.is_faulty is read and never filled"],
    ["pantheon_record_calls", "is_estimated boolean, ", "", "StepCommit.calls.is_estimated is filled and never read"],
    ["pantheon_add_steps", "round int", "rond int", "NewTurnRow.steps.rond is read and never filled"],
    [
      "pantheon_end_step",
      "p->'message'->>'text'",
      "p->'message'->>'txt'",
      "StepCommit.message.txt is read and never filled",
    ],
    [
      "pantheon_claim_delivery",
      "p->>'lease_seconds'",
      "p->>'lease'",
      "DeliveryClaimRequest.lease is read and never filled",
    ],
  ])("is caught where %s has one key another: %s", (name, from, to, finding) => {
    expect(findings(edited(name, from, to))).toContain(finding);
  });

  it("is compared for each function that an adapter hands JSON to", () => {
    const texts = readFiles(["src/adapters/neon/*.ts"]).map(({ text }) => text);
    const called = texts.flatMap((text) => [...text.matchAll(/(pantheon_\w+)\([^`]*?JSON\.stringify\([^`]*`/g)]);
    expect([...new Set(called.map(([, name]) => name))].toSorted()).toEqual(Object.keys(filled).toSorted());
  });
});

describe("reading keys", () => {
  const read = (body: string, ...others: readonly string[]) => {
    const all = [declare("f(p jsonb)", body), ...others.map((text) => parseSource("x/g.sql", text))];
    return toObject(readKeys(all[0] ?? declare("f(p jsonb)", ""), "p", byName(all)));
  };

  it.each([
    ["chains of keys", "SELECT p->>'a', p->'b'->>'c';", { a: {}, b: { c: {} } }],
    ["what is stored whole", "SELECT p->'a', nullif(p->'b', 'null'::jsonb);", { a: "whole", b: "whole" }],
    ["no more than a type or a length", "SELECT jsonb_typeof(p->'a'), jsonb_array_length(p->'b');", { a: {}, b: {} }],
    [
      "the columns of rows",
      "SELECT * FROM jsonb_to_recordset(p->'a') AS r(id uuid, cost numeric(3,1));",
      { a: { id: {}, cost: {} } },
    ],
    ["elements by their name", "SELECT e->>'x' FROM jsonb_array_elements(p->'a') AS e;", { a: { x: {} } }],
    ["a variable that holds a part", "v jsonb := p->'a'; SELECT v->>'x';", { a: { x: {} } }],
    ["nothing of another value", "SELECT t.p->>'a', q->>'b', 'p' -- p->>'c'\n;", {}],
  ])("follows %s", (_, body, keys) => {
    expect(read(body)).toEqual(keys);
  });

  it("follows what it hands on", () => {
    const g = `-- G.\n${header("g(p_a int, p_b jsonb)")} SELECT p_b->>'x' $$;`;
    expect(read("PERFORM g(1, p->'a'), g(2, jsonb_build_array(p->'b'));", g)).toEqual({ a: { x: {} }, b: { x: {} } });
  });
});

function header(signature: string): string {
  return `CREATE OR REPLACE FUNCTION ${signature} RETURNS void LANGUAGE sql AS $$`;
}

function declare(signature: string, body: string) {
  return parseSource("x/f.sql", `-- F.\n${header(signature)} ${body} $$;`);
}

function toObject({ keys }: KeyTree): Record<string, unknown> {
  return Object.fromEntries([...keys].map(([key, child]) => [key, child.isWhole ? "whole" : toObject(child)]));
}
