import * as z from "zod";
import { found } from "../../app/not-found.ts";
import { createSession } from "../../app/rooms/create-session.ts";
import { deleteSession } from "../../app/rooms/delete-session.ts";
import { RoomId, SessionId } from "../../contract/ids.ts";
import { listOf } from "../../contract/lists.ts";
import { CreateSession, Session, UpdateSession } from "../../contract/sessions.ts";
import { IdListQuery } from "../list-query.ts";
import { created, noContent, ok } from "../render.ts";
import { type Access, defineRoute } from "../route.ts";

const read: Access = { kind: "scope", scope: "sessions:read" };
const write: Access = { kind: "scope", scope: "sessions:write" };
const roomParams = z.strictObject({ room_id: RoomId });
const params = z.strictObject({ session_id: SessionId });
const tag = "Sessions";

export const sessionRoutes = [
  defineRoute({
    method: "post",
    path: "/rooms/:room_id/sessions",
    operationId: "createSession",
    summary: "Open a session in a room",
    tag,
    access: write,
    params: roomParams,
    body: CreateSession,
    isCreate: true,
    answers: { 201: { description: "The session", schema: Session, headers: ["Location"] } },
    handle: ({ ports, caller, params, body, key }) =>
      createSession(ports, caller, { roomId: params.room_id, input: body }, key),
    render: created<Session>(({ id }) => `/sessions/${id}`),
  }),
  defineRoute({
    method: "get",
    path: "/rooms/:room_id/sessions",
    operationId: "listSessions",
    summary: "List a room's sessions, newest first",
    tag,
    access: read,
    params: roomParams,
    query: IdListQuery,
    answers: { 200: { description: "A page of sessions", schema: listOf(Session) } },
    handle: async ({ ports, caller, params, query }) => found(await ports.sessions.list(caller, params.room_id, query)),
    render: ok,
  }),
  defineRoute({
    method: "delete",
    path: "/rooms/:room_id/sessions/:session_id",
    operationId: "deleteSession",
    summary: "Delete a session",
    tag,
    access: write,
    params: z.strictObject({ room_id: RoomId, session_id: SessionId }),
    answers: { 204: { description: "It is gone" } },
    handle: ({ ports, caller, params }) => deleteSession(ports, caller, params.room_id, params.session_id),
    render: noContent,
  }),
  defineRoute({
    method: "get",
    path: "/sessions/:session_id",
    operationId: "getSession",
    summary: "Read a session",
    tag,
    access: read,
    params,
    answers: { 200: { description: "The session", schema: Session } },
    handle: async ({ ports, caller, params }) => found(await ports.sessions.find(caller, params.session_id)),
    render: ok,
  }),
  defineRoute({
    method: "patch",
    path: "/sessions/:session_id",
    operationId: "updateSession",
    summary: "Change a session",
    tag,
    access: write,
    params,
    body: UpdateSession,
    answers: { 200: { description: "The session as it is now", schema: Session } },
    handle: async ({ ports, caller, params, body }) =>
      found(await ports.sessions.update(caller, params.session_id, body)),
    render: ok,
  }),
];
