import { randomUUID } from "node:crypto";
import type { SqlBackend } from "../../src/local/postgres/backend.ts";
import { drawMovement } from "./draw-movement.ts";
import { makeMovements, openLedger, type StoredAccount, sumLedger } from "./ledger-driver.ts";
import { accountKinds, keysOf, type Movement } from "./ledger-model.ts";
import { type Owners, type Scene, setScene } from "./scene.ts";

export interface Tally {
  readonly operations: number;
  readonly applied: number;
  readonly refused: number;
  readonly replayed: number;
  /** Accounts that differ from the model, after each batch and once more by the ledger's rows alone. */
  readonly drift: number;
  /** Wallets and holds below zero after a batch. */
  readonly negatives: number;
  /** Operations with another outcome than the model's. */
  readonly surprises: number;
}

export const noTally: Tally = {
  operations: 0,
  applied: 0,
  refused: 0,
  replayed: 0,
  drift: 0,
  negatives: 0,
  surprises: 0,
};

const ownerCount = 24;
const operationsPerRoundTrip = 400;
const pastKept = 200;

/** Makes what the seed draws in the database and in the model, and holds one against the other after each round trip. */
export async function playLedger(backend: SqlBackend, seed: string, operations: number): Promise<Tally> {
  const owners: Owners = [randomUUID(), ...Array.from({ length: ownerCount - 1 }, () => randomUUID())];
  await openLedger(backend, owners);
  const scene = setScene(seed, owners);
  let tally = noTally;
  while (tally.operations < operations) tally = addTallies(tally, await playBatch(backend, scene));
  const { accounts, rowCount } = await sumLedger(backend, owners);
  const missingRows = Math.abs(rowCount - scene.model.rowCount());
  return { ...tally, drift: tally.drift + countDrift(accounts, scene) + missingRows };
}

export function addTallies(left: Tally, right: Tally): Tally {
  return {
    operations: left.operations + right.operations,
    applied: left.applied + right.applied,
    refused: left.refused + right.refused,
    replayed: left.replayed + right.replayed,
    drift: left.drift + right.drift,
    negatives: left.negatives + right.negatives,
    surprises: left.surprises + right.surprises,
  };
}

async function playBatch(backend: SqlBackend, scene: Scene): Promise<Tally> {
  const drawn = drawBatch(scene);
  const movements = drawn.map(({ movement }) => movement);
  const { outcomes, accounts } = await makeMovements(backend, scene.owners, movements);
  const count = (isWanted: (outcome: string | undefined, index: number) => boolean) =>
    drawn.reduce((sum, { size }, index) => sum + (isWanted(outcomes[index], index) ? size : 0), 0);
  const operations = count(() => true);
  const applied = count((outcome) => outcome === "applied");
  const replayed = count((outcome) => outcome === "ledger_entries_pkey");
  return {
    operations,
    applied,
    replayed,
    refused: operations - applied - replayed,
    drift: countDrift(accounts, scene),
    negatives: accounts.filter(({ kind, balance }) => (kind === "wallet" || kind === "held") && balance < 0n).length,
    surprises: count((outcome, index) => outcome !== drawn[index]?.expected),
  };
}

function drawBatch(scene: Scene) {
  const drawn: { readonly movement: Movement; readonly size: number; readonly expected: string }[] = [];
  for (let operations = 0; operations < operationsPerRoundTrip; operations += drawn.at(-1)?.size ?? 0) {
    const movement = drawMovement(scene);
    const expected = scene.model.apply(movement);
    if (expected === "applied") remember(scene, movement);
    drawn.push({ movement, size: keysOf(movement).length, expected });
  }
  return drawn;
}

function remember({ random, past }: Scene, movement: Movement): void {
  if (past.length < pastKept) past.push(movement);
  else past[random.between(0, pastKept - 1)] = movement;
}

function countDrift(accounts: readonly StoredAccount[], { model, owners, holds }: Scene): number {
  const stored = new Map(accounts.map(({ owner, kind, balance }) => [`${owner} ${kind}`, balance]));
  const heldFor = (owner: string) => holds.reduce((sum, hold) => sum + (hold.owner === owner ? hold.units : 0n), 0n);
  const wrongAccounts = owners.flatMap((owner) =>
    accountKinds.filter((kind) => stored.get(`${owner} ${kind}`) !== model.balance(owner, kind)),
  );
  const wrongHolds = owners.filter((owner) => stored.get(`${owner} held`) !== heldFor(owner));
  return wrongAccounts.length + wrongHolds.length;
}
