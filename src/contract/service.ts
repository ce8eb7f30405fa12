import * as z from "zod";

export const Health = z.object({ status: z.literal("ok") }).meta({ id: "Health" });
export type Health = z.infer<typeof Health>;

export const DependencyState = z.object({
  state: z.enum(["up", "down", "not_configured"]),
  latency_ms: z.int().nullable(),
  detail: z.string().nullable(),
});
export type DependencyState = z.infer<typeof DependencyState>;

export const Ready = z
  .object({ status: z.enum(["ready", "not_ready"]), dependencies: z.record(z.string(), DependencyState) })
  .meta({ id: "Ready" });
export type Ready = z.infer<typeof Ready>;

export const Version = z
  .object({ name: z.literal("pantheon"), version: z.string(), commit: z.string(), environment: z.string() })
  .meta({ id: "Version" });
export type Version = z.infer<typeof Version>;
