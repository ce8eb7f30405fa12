import { setTimeout as sleep } from "node:timers/promises";
import { Hono } from "hono";
import * as z from "zod";
import type { NodeBindings } from "./serve.ts";

/** The switches every stand-in has; a stand-in may extend them. */
export const CommonFaults = z.strictObject({
  down: z.boolean().default(false),
  slow_ms: z.int().min(0).max(3_600_000).default(0),
  fail_next: z.int().min(0).default(0),
  rate: z.number().min(0).max(1).default(0),
  seed: z.int().min(0).default(1),
});
export type CommonFaults = z.infer<typeof CommonFaults>;

export interface FaultSwitches<Faults extends CommonFaults> {
  current(): Faults;
  replace(faults: Faults): void;
  clear(): void;
  /** Takes one counted failure, or one draw of the seeded rate. */
  strikes(): boolean;
}

export function createFaultSwitches<Faults extends CommonFaults>(schema: z.ZodType<Faults>): FaultSwitches<Faults> {
  let faults = schema.parse({});
  let draw = seededDraw(faults.seed);
  const replace = (next: Faults) => {
    faults = next;
    draw = seededDraw(next.seed);
  };
  return {
    current: () => faults,
    replace,
    clear: () => replace(schema.parse({})),
    strikes: () => {
      if (faults.fail_next === 0) return faults.rate > 0 && draw() < faults.rate;
      faults = { ...faults, fail_next: faults.fail_next - 1 };
      return true;
    },
  };
}

export interface FaultRoutesOptions<Faults extends CommonFaults> {
  readonly token: string;
  readonly schema: z.ZodType<Faults>;
  readonly switches: FaultSwitches<Faults>;
  readonly onChange?: (faults: Faults) => void;
}

/** `GET PUT DELETE /_faults`, guarded by the stand-in's own token; further fault routes may be added to the answer. */
export function faultRoutes<Faults extends CommonFaults>(options: FaultRoutesOptions<Faults>) {
  const { schema, switches, onChange } = options;
  const app = new Hono<{ Bindings: NodeBindings }>();
  app.use("/_faults/*", async (context, next) => {
    if (context.req.header("authorization") === `Bearer ${options.token}`) return next();
    return context.json({ error: "the bearer token is not this stand-in's token" }, 401);
  });
  app.get("/_faults", (context) => context.json(switches.current()));
  app.put("/_faults", async (context) => {
    const parsed = schema.safeParse(await context.req.json().catch(() => undefined));
    if (!parsed.success) return context.json({ error: z.prettifyError(parsed.error) }, 400);
    switches.replace(parsed.data);
    onChange?.(switches.current());
    return context.json(switches.current());
  });
  app.delete("/_faults", (context) => {
    switches.clear();
    onChange?.(switches.current());
    return context.json(switches.current());
  });
  return app;
}

/** Waits without keeping the process alive. */
export async function delay(ms: number): Promise<void> {
  if (ms > 0) await sleep(ms, undefined, { ref: false });
}

function seededDraw(seed: number): () => number {
  let counter = seed;
  return () => {
    counter = (counter + 0x9e3779b9) | 0;
    let mixed = Math.imul(counter ^ (counter >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32;
  };
}
