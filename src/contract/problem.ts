import * as z from "zod";
import { errorCodes } from "./errors.ts";

/** RFC 9457, with the members of ours that every client may rely on. */
export const Problem = z
  .object({
    type: z.string().meta({ description: "The path of this API that explains the code." }),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.enum(errorCodes),
    request_id: z.string(),
    errors: z.array(z.object({ pointer: z.string(), message: z.string() })).optional(),
  })
  .catchall(z.unknown())
  .meta({ id: "Problem" });
export type Problem = z.infer<typeof Problem>;

/** What the `type` of a problem leads to. */
export const ProblemType = z
  .object({
    code: z.enum(errorCodes),
    title: z.string(),
    status: z.int(),
    when: z.string(),
    remedy: z.string(),
  })
  .meta({ id: "ProblemType" });
export type ProblemType = z.infer<typeof ProblemType>;

export const ProblemTypePath = z.object({ code: z.enum(errorCodes) });
