import type { Wallet } from "../../contract/wallet.ts";
import { formatCredits } from "../../domain/money/credits.ts";
import { isLowBalance, lowBalanceUnits } from "../../domain/money/low-balance.ts";
import { unitsToUsd, usdPerCredit } from "../../domain/money/usd.ts";
import type { Caller } from "../../ports/caller.ts";
import type { WalletStore } from "../../ports/wallet.ts";

interface ReadWalletPorts {
  readonly wallet: Pick<WalletStore, "balances">;
}

export async function readWallet({ wallet }: ReadWalletPorts, caller: Caller): Promise<Wallet> {
  const { walletUnits, heldUnits } = await wallet.balances(caller);
  return {
    balance: formatCredits(walletUnits),
    held: formatCredits(heldUnits),
    is_low: isLowBalance(walletUnits),
    low_balance_below: formatCredits(lowBalanceUnits),
    balance_usd: unitsToUsd(walletUnits),
    usd_per_credit: usdPerCredit,
  };
}
