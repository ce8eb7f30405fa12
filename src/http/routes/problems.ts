import { ProblemType, ProblemTypePath } from "../../contract/problem.ts";
import { describeProblem } from "../problems.ts";
import { json } from "../rendered.ts";
import { defineRoute } from "../route.ts";

export const problemRoutes = [
  defineRoute({
    method: "get",
    path: "/problems/:code",
    operationId: "getProblemType",
    summary: "An error code: when it comes and what to do",
    tag: "Service",
    access: { kind: "public" },
    params: ProblemTypePath,
    answers: { 200: { description: "The code", schema: ProblemType } },
    handle: async ({ params }) => describeProblem(params.code),
    render: (described) => json(200, described, { "Cache-Control": "public, max-age=300" }),
  }),
];
