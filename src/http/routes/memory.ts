import * as z from "zod";
import { pinMessage } from "../../app/memory/pin-message.ts";
import { summarizeSession } from "../../app/memory/summarize-session.ts";
import { updateRegisterEntry } from "../../app/memory/update-register-entry.ts";
import { found } from "../../app/not-found.ts";
import { MessageId, RegisterEntryId, RoomId, SessionId } from "../../contract/ids.ts";
import { listOf } from "../../contract/lists.ts";
import { RegisterEntry, registerFilters, SessionSummary, UpdateRegisterEntry } from "../../contract/memory.ts";
import { Message } from "../../contract/messages.ts";
import { Turn } from "../../contract/turns.ts";
import { IdListQuery } from "../list-query.ts";
import { awaitAsPreferred, begunTurn } from "../prefer.ts";
import { ok } from "../render.ts";
import { type Access, defineRoute } from "../route.ts";

const read: Access = { kind: "scope", scope: "sessions:read" };
const write: Access = { kind: "scope", scope: "sessions:write" };
const sessionParams = z.strictObject({ session_id: SessionId });
const messageParams = z.strictObject({ message_id: MessageId });
const RegisterListQuery = IdListQuery.extend(registerFilters);
const tag = "Memory";

export const memoryRoutes = [
  defineRoute({
    method: "get",
    path: "/sessions/:session_id/summary",
    operationId: "getSummary",
    summary: "Read the summary in force, or one before it; 404 where there is none yet",
    tag,
    access: read,
    params: sessionParams,
    query: z.strictObject({ version: z.coerce.number().int().min(1).max(2_147_483_647).optional() }),
    answers: { 200: { description: "The summary", schema: SessionSummary } },
    handle: async ({ ports, caller, params, query }) =>
      found(await ports.memory.findSummary(caller, params.session_id, query.version ?? null)),
    render: ok,
  }),
  defineRoute({
    method: "post",
    path: "/sessions/:session_id/summaries",
    operationId: "createSummary",
    summary: "Sum the session up now, all turns that are over",
    tag,
    access: { kind: "scope", scope: "turns:write" },
    params: sessionParams,
    isCreate: true,
    isGuardedByRows: true,
    requestHeaders: ["Prefer"],
    answers: {
      202: {
        description: "The turn that makes it, or the one that was making one",
        schema: Turn,
        headers: ["Location"],
      },
      200: {
        description: "Nothing is new: the summary in force; or the turn, which is over (with Prefer: wait)",
        schema: z.union([SessionSummary, Turn]),
      },
    },
    handle: async ({ ports, caller, params, key, header }) => {
      const summarized = await summarizeSession(ports, caller, params.session_id, key);
      return "inForce" in summarized ? summarized : awaitAsPreferred(ports, summarized, { caller, header });
    },
    render: (summarized, asked) =>
      "inForce" in summarized ? ok(summarized.inForce, asked) : begunTurn(summarized, asked),
  }),
  defineRoute({
    method: "get",
    path: "/sessions/:session_id/register",
    operationId: "listSessionRegister",
    summary: "List what was decided, asked, promised and found out in a session, newest first",
    tag,
    access: read,
    params: sessionParams,
    query: RegisterListQuery,
    answers: { 200: { description: "A page of entries", schema: listOf(RegisterEntry) } },
    handle: async ({ ports, caller, params, query }) =>
      found(await ports.memory.listOfSession(caller, params.session_id, query)),
    render: ok,
  }),
  defineRoute({
    method: "get",
    path: "/rooms/:room_id/register",
    operationId: "listRoomRegister",
    summary: "List what was decided, asked, promised and found out in all sessions of a room, newest first",
    tag,
    access: read,
    params: z.strictObject({ room_id: RoomId }),
    query: RegisterListQuery,
    answers: { 200: { description: "A page of entries", schema: listOf(RegisterEntry) } },
    handle: async ({ ports, caller, params, query }) =>
      found(await ports.memory.listOfRoom(caller, params.room_id, query)),
    render: ok,
  }),
  defineRoute({
    method: "patch",
    path: "/register_entries/:register_entry_id",
    operationId: "updateRegisterEntry",
    summary: "Correct an entry, end it or pin it; the next model call sees it",
    tag,
    access: write,
    params: z.strictObject({ register_entry_id: RegisterEntryId }),
    body: UpdateRegisterEntry,
    answers: { 200: { description: "The entry as it is now, or the one in its place", schema: RegisterEntry } },
    handle: ({ ports, caller, params, body }) => updateRegisterEntry(ports, caller, params.register_entry_id, body),
    render: ok,
  }),
  defineRoute({
    method: "put",
    path: "/messages/:message_id/pin",
    operationId: "pinMessage",
    summary: "Pin a message: it goes into every prompt of its session",
    tag,
    access: write,
    params: messageParams,
    answers: { 200: { description: "The message, pinned", schema: Message } },
    handle: ({ ports, caller, params }) => pinMessage(ports, caller, params.message_id, true),
    render: ok,
  }),
  defineRoute({
    method: "delete",
    path: "/messages/:message_id/pin",
    operationId: "unpinMessage",
    summary: "Take the pin off a message",
    tag,
    access: write,
    params: messageParams,
    answers: { 200: { description: "The message, not pinned", schema: Message } },
    handle: ({ ports, caller, params }) => pinMessage(ports, caller, params.message_id, false),
    render: ok,
  }),
];
