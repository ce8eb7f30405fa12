import * as z from "zod";
import { found } from "../../app/not-found.ts";
import { createRoom } from "../../app/rooms/create-room.ts";
import { deleteRoom } from "../../app/rooms/delete-room.ts";
import { RoomId } from "../../contract/ids.ts";
import { listOf } from "../../contract/lists.ts";
import { CreateRoom, Room, UpdateRoom } from "../../contract/rooms.ts";
import { etagOf, expectedVersion, okWithEtag, settled, unlessKnown } from "../etag.ts";
import { IdListQuery } from "../list-query.ts";
import { created, noContent, ok } from "../render.ts";
import { type Access, defineRoute } from "../route.ts";

const read: Access = { kind: "scope", scope: "rooms:read" };
const write: Access = { kind: "scope", scope: "rooms:write" };
const params = z.strictObject({ room_id: RoomId });
const tag = "Rooms";

export const roomRoutes = [
  defineRoute({
    method: "post",
    path: "/rooms",
    operationId: "createRoom",
    summary: "Make a room",
    tag,
    access: write,
    body: CreateRoom,
    isCreate: true,
    answers: { 201: { description: "The room", schema: Room, headers: ["Location", "ETag"] } },
    handle: ({ ports, caller, body, key }) => createRoom(ports, caller, body, key),
    render: created<Room>(({ id }) => `/rooms/${id}`, etagOf),
  }),
  defineRoute({
    method: "get",
    path: "/rooms",
    operationId: "listRooms",
    summary: "List the rooms, newest first",
    tag,
    access: read,
    query: IdListQuery,
    answers: { 200: { description: "A page of rooms", schema: listOf(Room) } },
    handle: ({ ports, caller, query }) => ports.rooms.list(caller, query),
    render: ok,
  }),
  defineRoute({
    method: "get",
    path: "/rooms/:room_id",
    operationId: "getRoom",
    summary: "Read a room",
    tag,
    access: read,
    params,
    requestHeaders: ["If-None-Match"],
    answers: { 200: { description: "The room", schema: Room, headers: ["ETag"] }, 304: { description: "Not changed" } },
    handle: async ({ ports, caller, params }) => found(await ports.rooms.find(caller, params.room_id)),
    render: unlessKnown,
  }),
  defineRoute({
    method: "patch",
    path: "/rooms/:room_id",
    operationId: "updateRoom",
    summary: "Change a room",
    tag,
    access: write,
    params,
    body: UpdateRoom,
    requestHeaders: ["If-Match"],
    answers: { 200: { description: "The room as it is now", schema: Room, headers: ["ETag"] } },
    handle: async ({ ports, caller, params, body, header }) =>
      settled(await ports.rooms.update(caller, params.room_id, body, expectedVersion(header))),
    render: okWithEtag,
  }),
  defineRoute({
    method: "delete",
    path: "/rooms/:room_id",
    operationId: "deleteRoom",
    summary: "Delete a room with its agents and sessions",
    tag,
    access: write,
    params,
    requestHeaders: ["If-Match"],
    answers: { 204: { description: "It is gone" } },
    handle: async ({ ports, caller, params, header }) =>
      settled(await deleteRoom(ports, caller, params.room_id, expectedVersion(header))),
    render: noContent,
  }),
];
