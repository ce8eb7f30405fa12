import { Hono } from "hono";
import * as z from "zod";
import type { Endpoint } from "./answer-chat.ts";
import { FaultSwitches } from "./fault-switches.ts";
import { Script } from "./script.ts";

const Advance = z.strictObject({ ms: z.number().min(0) });

/** The switches and the record, for tests and chaos runs; the paths are below `/_faults`. */
export function createControlRoutes(endpoint: Endpoint): Hono {
  const { faults, script, recorder, clock, prefixes } = endpoint;
  const state = () => ({ switches: faults.switches(), fired: faults.fired(), waiting: clock.waiting() });
  const routes = new Hono();
  routes.get("/", (c) => c.json(state()));
  routes.put("/", async (c) => {
    const parsed = FaultSwitches.safeParse(await readJson(c.req.raw));
    if (!parsed.success) return c.json(problem(parsed.error), 400);
    faults.replace(parsed.data);
    clock.setScale(parsed.data.time_scale ?? 1);
    return c.json(state());
  });
  routes.delete("/", (c) => {
    faults.clear();
    script.clear();
    clock.setScale(1);
    clock.release();
    return c.body(null, 204);
  });
  routes.post("/advance", async (c) => {
    const parsed = Advance.safeParse(await readJson(c.req.raw));
    if (!parsed.success) return c.json(problem(parsed.error), 400);
    clock.advance(parsed.data.ms);
    return c.json(state());
  });
  routes.post("/release", (c) => {
    clock.release();
    return c.json(state());
  });
  routes.get("/script", (c) => c.json({ remaining: script.remaining() }));
  routes.put("/script", async (c) => {
    const parsed = Script.safeParse(await readJson(c.req.raw));
    if (!parsed.success) return c.json(problem(parsed.error), 400);
    script.replace(parsed.data);
    return c.json({ remaining: script.remaining() });
  });
  routes.get("/requests", (c) => c.json({ requests: recorder.requests() }));
  routes.get("/stats", (c) => c.json(recorder.stats()));
  routes.delete("/requests", (c) => {
    recorder.clear();
    prefixes.clear();
    return c.body(null, 204);
  });
  return routes;
}

async function readJson(request: Request): Promise<unknown> {
  return request.json().catch(() => undefined);
}

function problem(error: z.ZodError) {
  return { error: { code: 400, message: z.prettifyError(error) } };
}
