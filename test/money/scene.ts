import { createRandom, type Random } from "../chaos/simulation/random.ts";
import { createLedgerModel, type LedgerModel, type LedgerRow, type Movement } from "./ledger-model.ts";

/** Money set aside for a step, and what is left of it. */
export interface OpenHold {
  readonly step: string;
  readonly owner: string;
  units: bigint;
  attempts: number;
}

/** What has happened so far, and the chance that decides what happens next. */
export interface Scene {
  readonly random: Random;
  readonly model: LedgerModel;
  readonly owners: Owners;
  readonly holds: OpenHold[];
  /** Some of the movements that were made, to make them again. */
  readonly past: Movement[];
  /** A name that nothing had before. */
  fresh(): string;
}

export type Owners = readonly [string, ...string[]];

export function setScene(seed: string, owners: Owners): Scene {
  let named = 0;
  const fresh = () => {
    named += 1;
    return String(named);
  };
  return { random: createRandom(seed), model: createLedgerModel(owners), owners, holds: [], past: [], fresh };
}

/** An amount from 1 to the most; small and large ones are alike in number. */
export function unitsUpTo(random: Random, most: bigint): bigint {
  if (most <= 1n) return 1n;
  const scale = 10n ** BigInt(random.between(1, most.toString().length));
  return ((BigInt(Math.floor(random.draw() * 2 ** 53)) % scale) % most) + 1n;
}

/** The rows of one operation: what each account gains, where it gains or loses anything. */
export function rowsOf(key: string, unitsByKind: Readonly<Record<string, bigint>>): readonly LedgerRow[] {
  return Object.entries(unitsByKind)
    .filter(([, units]) => units !== 0n)
    .map(([kind, units]) => ({ key, kind, units }));
}
