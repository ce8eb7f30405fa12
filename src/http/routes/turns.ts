import * as z from "zod";
import { found } from "../../app/not-found.ts";
import { cancelTurn } from "../../app/turns/cancel-turn.ts";
import { createTurn } from "../../app/turns/create-turn.ts";
import { decideCalls } from "../../app/turns/decide-calls.ts";
import { listEvents } from "../../app/turns/list-events.ts";
import { resumeTurn } from "../../app/turns/resume-turn.ts";
import { waitForTurn } from "../../app/turns/wait-for-turn.ts";
import { ContextAudit } from "../../contract/context-audits.ts";
import { SessionId, TurnId } from "../../contract/ids.ts";
import { ListQuery, listOf, type Page } from "../../contract/lists.ts";
import { Message } from "../../contract/messages.ts";
import { DecideCalls } from "../../contract/tools.ts";
import { TurnEvent } from "../../contract/turn-events.ts";
import { CreateTurn, maxWaitSeconds, ResumeTurn, Turn, TurnSummary } from "../../contract/turns.ts";
import { EventListQuery, firstAfter } from "../event-page.ts";
import { pageOrStream, seenSeq, streamTurn, wantsEventStream } from "../event-stream.ts";
import { NumberListQuery } from "../list-query.ts";
import { asApplied, awaitAsPreferred, begunTurn, wantedWait } from "../prefer.ts";
import { listed, ok } from "../render.ts";
import { json } from "../rendered.ts";
import { type Access, defineRoute } from "../route.ts";

const read: Access = { kind: "scope", scope: "turns:read" };
const write: Access = { kind: "scope", scope: "turns:write" };
const sessionParams = z.strictObject({ session_id: SessionId });
const params = z.strictObject({ turn_id: TurnId });
const tag = "Turns";

export const turnRoutes = [
  defineRoute({
    method: "post",
    path: "/sessions/:session_id/turns",
    operationId: "createTurn",
    summary: "Send a turn; the agents answer in the background",
    tag,
    access: write,
    params: sessionParams,
    body: CreateTurn,
    isCreate: true,
    isGuardedByRows: true,
    requestHeaders: ["Prefer"],
    answers: {
      202: { description: "It is accepted", schema: Turn, headers: ["Location", "RateLimit", "RateLimit-Policy"] },
      200: { description: "It is over (with Prefer: wait)", schema: Turn, headers: ["Location", "Preference-Applied"] },
    },
    handle: async ({ ports, caller, params, body, key, header }) => {
      const created = await createTurn(ports, caller, { sessionId: params.session_id, input: body }, key);
      return awaitAsPreferred(ports, created, { caller, header });
    },
    render: begunTurn,
  }),
  defineRoute({
    method: "get",
    path: "/sessions/:session_id/turns",
    operationId: "listTurns",
    summary: "List a session's turns, newest first",
    tag,
    access: read,
    params: sessionParams,
    query: NumberListQuery,
    answers: { 200: { description: "A page of turns", schema: listOf(TurnSummary) } },
    handle: async ({ ports, caller, params, query }) => found(await ports.turns.list(caller, params.session_id, query)),
    render: ok,
  }),
  defineRoute({
    method: "get",
    path: "/sessions/:session_id/messages",
    operationId: "listMessages",
    summary: "List a session's messages, newest first",
    tag,
    access: read,
    params: sessionParams,
    query: ListQuery.extend({
      cursor: z
        .string()
        .regex(/^\d{1,9}\.\d{1,6}$/)
        .optional(),
    }),
    answers: { 200: { description: "A page of messages", schema: listOf(Message) } },
    handle: async ({ ports, caller, params, query }) =>
      found(await ports.turns.messages(caller, params.session_id, query)),
    render: ok,
  }),
  defineRoute({
    method: "get",
    path: "/turns/:turn_id",
    operationId: "getTurn",
    summary: "Read a turn, or wait for its end",
    tag,
    access: read,
    params,
    query: z.strictObject({ wait: z.coerce.number().int().min(0).max(maxWaitSeconds).optional() }),
    requestHeaders: ["Prefer"],
    answers: { 200: { description: "The turn with its steps, outputs and usage", schema: Turn } },
    handle: async ({ ports, caller, params, query, header }) =>
      found(await waitForTurn(ports, caller, params.turn_id, query.wait ?? wantedWait(header))),
    render: (turn, { query, header }) =>
      query.wait === undefined ? asApplied(json(200, turn), header) : json(200, turn),
  }),
  defineRoute({
    method: "post",
    path: "/turns/:turn_id/cancel",
    operationId: "cancelTurn",
    summary: "Cancel a turn, at once",
    tag,
    access: write,
    params,
    isGuardedByRows: true,
    answers: { 200: { description: "The turn, cancelled", schema: Turn } },
    handle: ({ ports, caller, params }) => cancelTurn(ports, caller, params.turn_id),
    render: ok,
  }),
  defineRoute({
    method: "post",
    path: "/turns/:turn_id/resume",
    operationId: "resumeTurn",
    summary: "Let a paused turn go on, after a top-up or with a raised budget",
    tag,
    access: write,
    params,
    body: ResumeTurn,
    isBodyOptional: true,
    isGuardedByRows: true,
    answers: { 200: { description: "The turn, going on", schema: Turn } },
    handle: ({ ports, caller, params, body }) => resumeTurn(ports, caller, params.turn_id, body),
    render: ok,
  }),
  defineRoute({
    method: "post",
    path: "/turns/:turn_id/approvals",
    operationId: "decideToolCalls",
    summary: "Allow or deny tool calls that a turn waits for",
    tag,
    access: write,
    params,
    body: DecideCalls,
    isGuardedByRows: true,
    answers: { 200: { description: "The turn, going on once all of a step's calls are decided on", schema: Turn } },
    handle: ({ ports, caller, params, body }) => decideCalls(ports, caller, params.turn_id, body),
    render: ok,
  }),
  defineRoute({
    method: "get",
    path: "/turns/:turn_id/events",
    operationId: "listTurnEvents",
    summary: "Read a turn's log, or watch it with Accept: text/event-stream",
    tag,
    access: read,
    params,
    query: EventListQuery,
    requestHeaders: ["Last-Event-ID"],
    answers: {
      200: {
        description: "Events in order, without a gap",
        schema: listOf(TurnEvent),
        alsoAs: "text/event-stream",
      },
      204: { description: "To who watches: the turn is over, and you have seen its end; do not come back" },
    },
    handle: ({ ports, caller, params, query, header }): Promise<Page<TurnEvent> | ReadableStream<Uint8Array> | null> =>
      wantsEventStream(header)
        ? streamTurn(ports, caller, params.turn_id, seenSeq(header, firstAfter(query)))
        : listEvents(ports, caller, params.turn_id, { after: firstAfter(query), limit: query.limit }),
    render: pageOrStream,
  }),
  defineRoute({
    method: "get",
    path: "/turns/:turn_id/context",
    operationId: "getTurnContext",
    summary: "The audit of every model call of the turn",
    tag,
    access: read,
    params,
    answers: {
      200: { description: "One entry per model call", schema: z.object({ data: z.array(ContextAudit) }) },
    },
    handle: async ({ ports, caller, params }) => found(await ports.turns.context(caller, params.turn_id)),
    render: listed,
  }),
];
