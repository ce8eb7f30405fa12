import * as z from "zod";
import { readWallet } from "../../app/money/read-wallet.ts";
import { Budgets, ReplaceBudgets } from "../../contract/budgets.ts";
import { ListQuery, listOf } from "../../contract/lists.ts";
import { UsageQuery, UsageRow } from "../../contract/usage.ts";
import { Transaction, Wallet } from "../../contract/wallet.ts";
import { ok } from "../render.ts";
import { type Access, defineRoute } from "../route.ts";
import { sheetPage } from "../sheet-page.ts";

const read: Access = { kind: "scope", scope: "money:read" };
const write: Access = { kind: "scope", scope: "money:write" };
const tag = "Money";

export const moneyRoutes = [
  defineRoute({
    method: "get",
    path: "/wallet",
    operationId: "getWallet",
    summary: "What can be spent, and what is held for turns under way",
    tag,
    access: read,
    answers: { 200: { description: "The wallet", schema: Wallet } },
    handle: ({ ports, caller }) => readWallet(ports, caller),
    render: ok,
  }),
  defineRoute({
    method: "get",
    path: "/wallet/transactions",
    operationId: "listTransactions",
    summary: "List what moved the balance, newest first; as CSV with Accept: text/csv",
    tag,
    access: read,
    query: ListQuery.extend({
      cursor: z
        .string()
        .regex(/^\d{16}\.[\x20-\x7e]{1,180}$/)
        .optional(),
    }),
    answers: { 200: { description: "A page of transactions", schema: listOf(Transaction), alsoAs: "text/csv" } },
    handle: ({ ports, caller, query }) => ports.wallet.transactions(caller, query),
    render: (page, { query, header }) =>
      sheetPage(page, {
        name: "transactions",
        columns: Object.keys(Transaction.shape),
        path: "/wallet/transactions",
        query,
        header,
      }),
  }),
  defineRoute({
    method: "get",
    path: "/usage",
    operationId: "listUsage",
    summary: "What the model calls used and cost, grouped; as CSV with Accept: text/csv",
    tag,
    access: read,
    query: UsageQuery,
    answers: {
      200: { description: "A page of sums, in the order of their keys", schema: listOf(UsageRow), alsoAs: "text/csv" },
    },
    handle: ({ ports, caller, query }) => ports.usage.list(caller, query),
    render: (page, { query, header }) =>
      sheetPage(page, {
        name: `usage-by-${query.group_by}`,
        columns: Object.keys(UsageRow.shape),
        path: "/usage",
        query,
        header,
      }),
  }),
  defineRoute({
    method: "get",
    path: "/budgets",
    operationId: "getBudgets",
    summary: "The budgets per day and month, and what counts against them",
    tag,
    access: read,
    answers: { 200: { description: "The budgets", schema: Budgets } },
    handle: ({ ports, caller }) => ports.budgets.read(caller),
    render: ok,
  }),
  defineRoute({
    method: "put",
    path: "/budgets",
    operationId: "replaceBudgets",
    summary: "Set both budgets; null takes one away",
    tag,
    access: write,
    body: ReplaceBudgets,
    answers: { 200: { description: "The budgets as they are now", schema: Budgets } },
    handle: ({ ports, caller, body }) => ports.budgets.replace(caller, body),
    render: ok,
  }),
];
