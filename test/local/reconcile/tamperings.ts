import { type Books, givenUnits, largeUnits, signupUnits } from "../../support/honest-books.ts";

export interface Tampering {
  readonly title: string;
  readonly sql: (books: Books) => string;
  /** What is told of it: where, what it should be, what it is. */
  readonly told: (books: Books) => readonly (readonly [string, bigint, bigint])[];
}

/** What the wallet of honest books has. */
const wallet = signupUnits + givenUnits + largeUnits - 110n;

export const tamperings: readonly Tampering[] = [
  {
    title: "a wallet that grew by one unit",
    sql: ({ owner }) =>
      `update accounts set balance_units = balance_units + 1 where owner_id = '${owner}' and kind = 'wallet'`,
    told: () => [["balance wallet", wallet, wallet + 1n]],
  },
  {
    title: "an account that is gone",
    sql: ({ owner }) => `delete from accounts where owner_id = '${owner}' and kind = 'granted'`,
    told: () => [["balance granted", -(wallet + 110n), 0n]],
  },
  {
    title: "an entry that is gone",
    sql: ({ owner, openStep }) =>
      `delete from ledger_entries where owner_id = '${owner}' and operation_key = 'hold:${openStep}' and account_kind = 'wallet'`,
    told: ({ openStep }) => [
      ["balance wallet", wallet + 40n, wallet],
      [`operation hold:${openStep}`, 0n, 40n],
    ],
  },
  {
    title: "an operation that makes money, balances and all",
    sql: ({ owner }) => `with made as (
        insert into ledger_entries (operation_key, owner_id, account_kind, reason, amount_units) values ('gift', '${owner}', 'wallet', 'gift', 5))
      update accounts set balance_units = balance_units + 5 where owner_id = '${owner}' and kind = 'wallet'`,
    told: () => [["operation gift", 0n, 5n]],
  },
  {
    title: "two amounts that changed hands within an operation",
    sql: ({
      owner,
      doneStep,
    }) => `update ledger_entries set amount_units = amount_units + case account_kind when 'waste' then 1 else -1 end
      where owner_id = '${owner}' and operation_key = 'settle:${doneStep}:1' and account_kind in ('waste', 'wallet')`,
    told: () => [
      ["balance wallet", wallet - 1n, wallet],
      ["balance waste", -8n, -9n],
    ],
  },
  {
    title: "a hold that closed without a release",
    sql: ({ openStep }) => `update holds set is_open = false where step_id = '${openStep}'`,
    told: ({ room, session, turn }) => [
      ["budget held day:2026-11-30", 0n, 40n],
      ["budget held month:2026-11", 0n, 40n],
      [`budget held room:${room}`, 0n, 40n],
      [`budget held session:${session}`, 0n, 40n],
      [`budget held turn:${turn}`, 0n, 40n],
      ["held", 0n, 40n],
    ],
  },
  {
    title: "a hold that was charged for no call",
    sql: ({ openStep }) => `update holds set charged_units = 1 where step_id = '${openStep}'`,
    told: ({ room, session, turn, openStep }) => [
      ...["day:2026-11-30", "month:2026-11", `room:${room}`, `session:${session}`, `turn:${turn}`].flatMap(
        (scope) =>
          [
            [`budget held ${scope}`, 39n, 40n],
            [`budget spent ${scope}`, 71n, 70n],
          ] as const,
      ),
      [`charged to hold ${openStep}`, 0n, 1n],
      ["held", 39n, 40n],
    ],
  },
  ...["day", "month", "room", "session", "turn"].map((scope) => ({
    title: `a counter of a ${scope} that is off by one`,
    sql: ({ owner }: Books) =>
      `update budget_counters set held_units = 41, spent_units = 69 where owner_id = '${owner}' and scope = '${scope}'`,
    told: (books: Books) => {
      const key = { day: "2026-11-30", month: "2026-11", room: books.room, session: books.session, turn: books.turn }[
        scope
      ];
      return [
        [`budget held ${scope}:${key}`, 40n, 41n],
        [`budget spent ${scope}:${key}`, 70n, 69n],
      ] as const;
    },
  })),
  {
    title: "a counter that is gone",
    sql: ({ owner }) => `delete from budget_counters where owner_id = '${owner}' and scope = 'month'`,
    told: () => [
      ["budget held month:2026-11", 40n, 0n],
      ["budget spent month:2026-11", 70n, 0n],
    ],
  },
  {
    title: "a counter of a day on which nothing happened",
    sql: ({ owner }) =>
      `insert into budget_counters (owner_id, scope, scope_key, held_units, spent_units) values ('${owner}', 'day', '2026-12-01', 0, 1)`,
    told: () => [["budget spent day:2026-12-01", 0n, 1n]],
  },
  {
    title: "a call that was metered and never booked",
    sql: ({ doneStep }) =>
      `update llm_call_events set credit_units = credit_units + 1 where step_id = '${doneStep}' and status = 'ok'`,
    told: () => [
      ["revenue", 85n, 84n],
      ["waste and variance", -15n, -14n],
    ],
  },
  {
    title: "a call that is gone",
    sql: ({ doneStep }) => `delete from llm_call_events where step_id = '${doneStep}' and status = 'ok'`,
    told: ({ doneStep }) => [
      [`charged to hold ${doneStep}`, 0n, 70n],
      ["revenue", 9n, 84n],
      ["waste and variance", -9n, -14n],
    ],
  },
  {
    title: "a call that a user paid more of than the ledger says",
    sql: ({ doneStep }) =>
      `update llm_call_events set charged_units = charged_units + 1 where step_id = '${doneStep}' and status = 'ok'`,
    told: ({ doneStep }) => [
      [`charged to hold ${doneStep}`, 71n, 70n],
      ["waste and variance", -13n, -14n],
    ],
  },
  {
    title: "a grant that is larger than its money",
    sql: ({ grant }) => `update grants set units = units + 1 where id = '${grant}'`,
    told: ({ grant }) => [[`grant:${grant}`, givenUnits + 1n, givenUnits]],
  },
  {
    title: "money of a grant that nobody gave",
    sql: ({ grant }) => `delete from grants where id = '${grant}'`,
    told: ({ grant }) => [[`grant:${grant}`, 0n, givenUnits]],
  },
];
