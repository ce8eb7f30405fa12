import * as z from "zod";
import { Scope } from "./api-keys.ts";
import { UserId } from "./ids.ts";
import { timestamp } from "./text.ts";

export const Me = z
  .object({
    id: UserId,
    email: z.string().nullable(),
    via: z.enum(["session", "api_key"]),
    scopes: z.array(Scope),
    created_at: timestamp,
  })
  .meta({ id: "Me" });
export type Me = z.infer<typeof Me>;
