import * as z from "zod";
import { quoteTurn } from "../../app/turns/quote-turn.ts";
import { SessionId } from "../../contract/ids.ts";
import { Quote, QuoteTurn } from "../../contract/quotes.ts";
import { ok } from "../render.ts";
import { defineRoute } from "../route.ts";

export const quoteRoutes = [
  defineRoute({
    method: "post",
    path: "/sessions/:session_id/turns/quote",
    operationId: "quoteTurn",
    summary: "What a turn would cost: low, expected and high; nothing is begun",
    tag: "Turns",
    access: { kind: "scope", scope: "turns:read" },
    params: z.strictObject({ session_id: SessionId }),
    body: QuoteTurn,
    isRead: true,
    answers: { 200: { description: "The quote, per agent and in all", schema: Quote } },
    handle: ({ ports, caller, params, body }) =>
      quoteTurn(ports, caller, { sessionId: params.session_id, input: body }),
    render: ok,
  }),
];
