import { drawFlawed, drawReplay } from "./draw-flawed.ts";
import type { Movement } from "./ledger-model.ts";
import { type OpenHold, rowsOf, type Scene, unitsUpTo } from "./scene.ts";

const maxGranted = 10_000_000_000_000n;

/** What the product may do next, or what somebody may try to do to it. */
export function drawMovement(scene: Scene): Movement {
  const { random, holds, past } = scene;
  const draw = random.draw();
  if (draw < 0.12 && past.length > 0) return drawReplay(scene);
  if (draw < 0.24) return drawFlawed(scene);
  if (draw < 0.32) return grant(scene);
  if (draw < 0.5 || holds.length === 0) return hold(scene);
  if (draw < 0.86) return settle(scene);
  return draw < 0.94 ? release(scene) : lose(scene);
}

function grant({ random, owners, fresh }: Scene): Movement {
  const units = unitsUpTo(random, maxGranted);
  const rows = rowsOf(`grant:${fresh()}`, { granted: -units, wallet: units });
  return { owner: random.pick(owners), reason: "admin_grant", rows };
}

/** For all the steps of a turn at once, or for none of them when they are too dear together. */
function hold({ random, model, owners, holds, fresh }: Scene): Movement {
  const owner = random.pick(owners);
  const wallet = model.balance(owner, "wallet");
  const count = random.between(1, 4);
  const steps = Array.from({ length: count }, () => ({
    step: fresh(),
    units: unitsUpTo(random, (wallet * 3n) / BigInt(2 * count) + 1n),
  }));
  if (steps.reduce((sum, { units }) => sum + units, 0n) <= wallet) {
    holds.push(...steps.map(({ step, units }) => ({ step, owner, units, attempts: 0 })));
  }
  const rows = steps.flatMap(({ step, units }) => rowsOf(`hold:${step}`, { wallet: -units, held: units }));
  return { owner, reason: "hold", rows };
}

/** One attempt of a step: what its calls were metered at, below, at and above what is held, with and without a result. */
function settle({ random, holds }: Scene): Movement {
  const { open, index } = pickHold(random, holds);
  open.attempts += 1;
  const isOver = random.chance(0.6);
  const drawCall = () =>
    random.pick([1n, unitsUpTo(random, open.units), open.units, open.units + unitsUpTo(random, maxGranted)]);
  const due = Array.from({ length: random.between(0, 2) }, drawCall).reduce((sum, units) => sum + units, 0n);
  const wasted = random.chance(0.3) || due === 0n ? drawCall() : 0n;
  const left = open.units > due ? open.units - due : 0n;
  const charged = open.units - left;
  const freed = isOver ? left : 0n;
  open.units -= charged + freed;
  if (open.units === 0n) holds.splice(index, 1);
  const rows = rowsOf(`settle:${open.step}:${open.attempts}`, {
    held: -(charged + freed),
    wallet: freed,
    revenue: due + wasted,
    waste: -wasted,
    variance: charged - due,
  });
  return { owner: open.owner, reason: "settle", rows };
}

function release({ random, holds }: Scene): Movement {
  const { open, index } = pickHold(random, holds);
  holds.splice(index, 1);
  const rows = rowsOf(`release:${open.step}`, { held: -open.units, wallet: open.units });
  return { owner: open.owner, reason: "release", rows };
}

function lose({ random, holds }: Scene): Movement {
  const { open } = pickHold(random, holds);
  open.attempts += 1;
  const rows = rowsOf(`lost:${open.step}:${open.attempts}`, { revenue: open.units, waste: -open.units });
  return { owner: open.owner, reason: "lost", rows };
}

function pickHold(random: Scene["random"], holds: readonly OpenHold[]) {
  const index = random.between(0, holds.length - 1);
  const open = holds[index];
  if (open === undefined) throw new Error("nothing is held");
  return { open, index };
}
