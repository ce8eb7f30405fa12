import { Me } from "../../contract/auth.ts";
import { ok } from "../render.ts";
import { defineRoute } from "../route.ts";

export const authRoutes = [
  defineRoute({
    method: "get",
    path: "/auth/me",
    operationId: "getMe",
    summary: "Who the caller is",
    tag: "Auth",
    access: { kind: "scope", scope: null },
    answers: { 200: { description: "The caller", schema: Me } },
    handle: ({ ports, caller }) => ports.identity.me(caller),
    render: ok,
  }),
];
