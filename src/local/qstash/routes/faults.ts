import { Hono } from "hono";
import * as z from "zod";
import { FaultSwitches } from "../faults.ts";
import { type QstashContext, type QstashEnv, type Services, statsOf } from "../services.ts";

const Advance = z.strictObject({ ms: z.number().min(0).optional() });

export interface FaultRoutesOptions {
  readonly services: Services;
  /** What queue time goes back to when no switch says otherwise. */
  readonly timeScale: number;
}

export function faultRoutes({ services, timeScale }: FaultRoutesOptions): Hono<QstashEnv> {
  const { core, clock } = services;
  const app = new Hono<QstashEnv>();
  const apply = (context: QstashContext) => {
    clock.setTimeScale(core.faults.current().time_scale ?? timeScale);
    return context.json(core.faults.current());
  };
  app.get("/_faults", (context) => context.json(core.faults.current()));
  app.put("/_faults", async (context) => {
    const parsed = FaultSwitches.safeParse(await context.req.json().catch(() => undefined));
    if (!parsed.success) return context.json({ error: z.prettifyError(parsed.error) }, 400);
    core.faults.set(parsed.data);
    return apply(context);
  });
  app.delete("/_faults", (context) => {
    core.faults.clear();
    return apply(context);
  });
  app.post("/_faults/advance", async (context) => {
    const parsed = Advance.safeParse(await context.req.json().catch(() => ({})));
    if (!parsed.success) return context.json({ error: z.prettifyError(parsed.error) }, 400);
    const untilNext = Math.max(0, (clock.nextAt() ?? clock.now()) - clock.now());
    clock.advance(parsed.data.ms ?? untilNext);
    return context.json(idleness(services));
  });
  app.get("/_faults/stats", (context) => context.json(statsOf(services)));
  app.get("/_faults/idle", (context) => context.json(idleness(services)));
  return app;
}

function idleness({ core, clock }: Services) {
  const { pending, in_flight } = core.stats();
  const nextAt = clock.nextAt();
  const nextDueInMs = nextAt === undefined ? null : Math.max(0, nextAt - clock.now());
  return { idle: core.isIdle(), pending, in_flight, next_due_in_ms: nextDueInMs };
}
