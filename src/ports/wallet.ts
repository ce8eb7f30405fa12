import type { ListQuery, Page } from "../contract/lists.ts";
import type { Transaction } from "../contract/wallet.ts";
import type { Caller } from "./caller.ts";

export interface Balances {
  readonly walletUnits: bigint;
  readonly heldUnits: bigint;
}

export interface WalletStore {
  balances(caller: Caller): Promise<Balances>;
  /** What moved the spendable balance, newest first. */
  transactions(caller: Caller, query: ListQuery): Promise<Page<Transaction>>;
}
