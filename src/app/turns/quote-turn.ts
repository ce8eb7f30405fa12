import { PantheonError } from "../../contract/errors.ts";
import type { SessionId } from "../../contract/ids.ts";
import type { Quote, QuoteTurn } from "../../contract/quotes.ts";
import { formatCredits, parseCredits } from "../../domain/money/credits.ts";
import { unitsToUsd } from "../../domain/money/usd.ts";
import { type QuotedTurn, quoteTurn as quote } from "../../domain/turn/quote.ts";
import type { CostRange } from "../../domain/turn/step-costs.ts";
import type { Caller } from "../../ports/caller.ts";
import type { SchemaCheck } from "../../ports/schema-check.ts";
import type { TurnSettings } from "../../ports/settings.ts";
import type { QuoteSnapshot, TurnStore } from "../../ports/turns.ts";
import { found } from "../not-found.ts";
import { checkResponseSchema } from "./response-schema.ts";
import { toDraftInput, tooLarge } from "./turn-draft.ts";

interface QuoteTurnPorts {
  readonly turns: Pick<TurnStore, "loadQuoteSnapshot">;
  readonly schemaCheck: SchemaCheck;
  readonly turnSettings: TurnSettings;
}

interface WantedQuote {
  readonly sessionId: SessionId;
  readonly input: QuoteTurn;
}

/** One read and a pure decision: nothing is changed, and no turn counted. */
export async function quoteTurn(ports: QuoteTurnPorts, caller: Caller, wanted: WantedQuote): Promise<Quote> {
  const { turns, turnSettings } = ports;
  checkResponseSchema(ports, wanted.input);
  const recentTurns = turnSettings.context.recentTurnsToKeep;
  const snapshot = found(await turns.loadQuoteSnapshot(caller, wanted.sessionId, recentTurns));
  const quoted = decide(snapshot, wanted.input, turnSettings);
  const budgetUnits = wanted.input.budget === null ? null : parseCredits(wanted.input.budget);
  return {
    mode: quoted.mode,
    rounds: quoted.rounds,
    pricing_version: snapshot.pricingVersion,
    agents: quoted.agents.map(toAgent),
    total: toRange(quoted.total),
    start: toAmount(quoted.startUnits),
    wallet: toCover(BigInt(snapshot.walletUnits), quoted),
    budget: budgetUnits === null ? null : toCover(budgetUnits, quoted),
  };
}

function decide(snapshot: QuoteSnapshot, input: QuoteTurn, settings: TurnSettings): QuotedTurn {
  const wanted = { ...input, id: "" };
  const { windowTokens, windowMessages } = snapshot;
  const quoted = quote({ ...toDraftInput(snapshot, wanted, settings), windowTokens, windowMessages });
  switch (quoted.kind) {
    case "refused":
      throw new PantheonError(quoted.code, quoted.message);
    case "oversize":
      throw new PantheonError("context_budget_exceeded", tooLarge, { extra: { ...quoted.rejection } });
    case "quoted":
      return quoted;
  }
}

function toAgent({
  agentKey,
  agentName,
  modelAlias,
  calls,
  cost,
}: QuotedTurn["agents"][number]): Quote["agents"][number] {
  return { agent_key: agentKey, agent_name: agentName, model_alias: modelAlias, calls, ...toRange(cost) };
}

function toRange(cost: CostRange | null): Quote["total"] {
  return {
    low: toAmount(cost?.low ?? null),
    expected: toAmount(cost?.expected ?? null),
    high: toAmount(cost?.high ?? null),
  };
}

function toAmount(units: bigint | null): Quote["start"] {
  return units === null ? null : { credits: formatCredits(units), usd: unitsToUsd(units) };
}

function toCover(units: bigint, { startUnits, total }: QuotedTurn): Quote["wallet"] {
  return {
    credits: formatCredits(units),
    covers_start: startUnits === null ? null : startUnits <= units,
    covers_high: total === null ? null : total.high <= units,
  };
}
