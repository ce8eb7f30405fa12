import { Hono } from "hono";
import type { GateState } from "../gate.ts";
import { notFound, type QstashEnv, type Services } from "../services.ts";

export function flowControlRoutes({ core }: Services): Hono<QstashEnv> {
  const { flows } = core;
  const app = new Hono<QstashEnv>();
  app.get("/v2/globalParallelism", (context) =>
    context.json({ parallelismMax: 0, parallelismCount: core.stats().in_flight }),
  );
  app.get("/v2/flowControl", (context) => context.json(flows.list().map(viewFlow)));
  app.get("/v2/flowControl/:key", (context) => {
    const flow = flows.get(context.req.param("key"));
    return flow === undefined ? notFound(context, "flow control key") : context.json(viewFlow(flow));
  });
  app.post("/v2/flowControl/:key/:verb{pause|resume}", (context) => {
    const { key, verb } = context.req.param();
    flows.configure(key, { isPaused: verb === "pause" });
    return context.body(null, 200);
  });
  app.post("/v2/flowControl/:key/pin", (context) => {
    const parallelism = readCount(context.req.query("parallelism"));
    const rate = readCount(context.req.query("rate"));
    const period = readCount(context.req.query("period"));
    flows.configure(context.req.param("key"), {
      ...(parallelism === undefined ? {} : { parallelism, isParallelismPinned: true }),
      ...(rate === undefined ? {} : { rate, isRatePinned: true }),
      ...(period === undefined ? {} : { periodMs: period * 1000 }),
    });
    return context.body(null, 200);
  });
  app.post("/v2/flowControl/:key/unpin", (context) => {
    flows.configure(context.req.param("key"), {
      ...(context.req.query("parallelism") === "true" ? { isParallelismPinned: false } : {}),
      ...(context.req.query("rate") === "true" ? { isRatePinned: false } : {}),
    });
    return context.body(null, 200);
  });
  app.post("/v2/flowControl/:key/resetRate", (context) => {
    flows.resetRate(context.req.param("key"));
    return context.body(null, 200);
  });
  return app;
}

function viewFlow(flow: GateState) {
  return {
    flowControlKey: flow.key,
    waitListSize: flow.waiting,
    parallelismMax: flow.parallelism ?? 0,
    parallelismCount: flow.active,
    rateMax: flow.rate ?? 0,
    rateCount: flow.started,
    ratePeriod: (flow.periodMs ?? 1000) / 1000,
    ratePeriodStart: flow.periodStart,
    isPaused: flow.isPaused === true,
    isPinnedParallelism: flow.isParallelismPinned === true,
    isPinnedRate: flow.isRatePinned === true,
  };
}

function readCount(text: string | undefined): number | undefined {
  return text !== undefined && /^[1-9]\d*$/.test(text) ? Number(text) : undefined;
}
