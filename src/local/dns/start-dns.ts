import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { type Context, Hono } from "hono";
import * as z from "zod";
import { CommonFaults, createFaultSwitches, delay, faultRoutes } from "../fault-switches.ts";
import { type NodeBindings, type StandIn, serve } from "../serve.ts";
import { lookUp } from "./zone.ts";

export interface DnsOptions {
  /** Of the fault switches; to resolve a name takes none, as with every public resolver. */
  readonly token: string;
  readonly port?: number;
}

export interface DnsStandIn extends StandIn {
  /** What WEBHOOK_DNS_URL is to be. */
  readonly dnsUrl: string;
  /** Questions since the last call, in order, up to a thousand. */
  takeAsked(): readonly string[];
}

/** What `fail_next` and `rate` do to a question. */
const Strike = z.enum(["servfail", "error", "reset", "garbage", "truncated", "redirect", "endless"]);

/** `records` are what names resolve to: addresses, or one name as an alias; an empty list is a name that is not there. */
const DnsFaults = CommonFaults.extend({
  strike: Strike.default("servfail"),
  records: z.record(z.string().toLowerCase(), z.array(z.string())).default({}),
});

const Question = z.object({ name: z.string().min(1).max(254), type: z.enum(["A", "AAAA"]) });
const json = { "content-type": "application/dns-json" };
const codes = { ok: 0, serverFailure: 2, noSuchName: 3 } as const;

type Env = { Bindings: NodeBindings };

/** Stands in for a public resolver's DNS over HTTPS in JSON, at `/dns-query`. */
export async function startDns({ token, port }: DnsOptions): Promise<DnsStandIn> {
  const switches = createFaultSwitches(DnsFaults);
  let asked: string[] = [];
  const app = new Hono<Env>();
  app.route("/", faultRoutes({ token, schema: DnsFaults, switches }));
  app.get("/dns-query", async (context) => {
    const question = Question.safeParse(context.req.query());
    if (!question.success) return context.text("a question is a name and a type, A or AAAA", 400);
    const { name, type } = question.data;
    asked = [...asked.slice(-999), `${type} ${name}`];
    const { down, slow_ms, strike, records } = switches.current();
    if (down) return cut(context);
    await delay(slow_ms);
    if (switches.strikes()) return strikeOut(context, strike);
    const found = lookUp(name, type, records);
    if (found === null) return context.body(toAnswer(codes.noSuchName, []), 200, json);
    return context.body(toAnswer(codes.ok, found), 200, json);
  });
  const server = await serve((request, bindings) => app.fetch(request, bindings), port);
  return {
    ...server,
    dnsUrl: `${server.url}/dns-query`,
    takeAsked: () => {
      const taken = asked;
      asked = [];
      return taken;
    },
  };
}

function strikeOut(context: Context<Env>, strike: z.infer<typeof Strike>): Response {
  switch (strike) {
    case "servfail":
      return context.body(toAnswer(codes.serverFailure, []), 200, json);
    case "error":
      return context.text("no healthy upstream", 503);
    case "reset":
      return cut(context);
    case "garbage":
      return context.body("<html>a captive portal</html>", 200, { "content-type": "text/html" });
    case "truncated":
      return context.body(toAnswer(codes.ok, [], true), 200, json);
    case "redirect":
      return context.redirect("/_faults", 302);
    case "endless":
      return context.body(`{"Status":0,"Comment":"${"x".repeat(200_000)}"}`, 200, json);
  }
}

function cut(context: Context<Env>): Response {
  context.env.incoming.socket.destroy();
  return RESPONSE_ALREADY_SENT;
}

function toAnswer(status: number, records: readonly object[], isTruncated = false): string {
  return JSON.stringify({ Status: status, TC: isTruncated, RD: true, RA: true, Answer: records });
}
