import * as z from "zod";

const count = z.int().min(0);

/** With neither `fail_next` nor `rate` a rule fires on every matching request. */
const when = {
  fail_next: count.optional(),
  skip: count.default(0),
  rate: z.number().min(0).max(1).optional(),
  seed: z.int().default(1),
  model: z.string().optional(),
  contains: z.string().optional(),
  system_contains: z.string().optional(),
};

const plain = ruleOrRules({});

/** These answer instead of the model: the first that fires is the only one. */
export const refusalSwitches = {
  hang_before_headers: plain,
  reset_before_headers: plain,
  unauthorized: plain,
  payment_required: plain,
  bad_request: ruleOrRules({ message: z.string().default("Provider returned error") }),
  moderated: plain,
  rate_limited: ruleOrRules({ retry_after_seconds: count.default(1) }),
  server_error: ruleOrRules({
    status: z.int().min(500).max(599).default(502),
    retry_after_seconds: count.optional(),
  }),
  not_json: plain,
} as const;

/** These change what the model says. */
export const replySwitches = {
  empty_reply: plain,
  long_reply: ruleOrRules({ words: count.default(5_000) }),
  wrong_json: ruleOrRules({ as: z.enum(["other_shape", "prose", "truncated", "fenced"]).default("other_shape") }),
  content_filter: plain,
} as const;

/** These change how the answer reaches the caller. */
export const wireSwitches = {
  cut_stream: ruleOrRules({ after_chunks: count.default(3), by: z.enum(["reset", "end"]).default("reset") }),
  hang_mid_stream: ruleOrRules({ after_chunks: count.default(3) }),
  truncated_json: ruleOrRules({ after_chunks: count.default(3) }),
  error_mid_stream: ruleOrRules({ after_chunks: count.default(3), code: z.int().default(502) }),
  slow_tokens: ruleOrRules({ ms_per_chunk: count.default(50), ms_before_first: count.default(0) }),
  usage_missing: plain,
  usage_with_choices: plain,
  usage_repeated: plain,
} as const;

export const FaultSwitches = z.strictObject({
  ...optional(refusalSwitches),
  ...optional(replySwitches),
  ...optional(wireSwitches),
  time_scale: z.number().min(0).max(1_000).optional(),
});
export type FaultSwitches = z.infer<typeof FaultSwitches>;
export type FaultSwitchesInput = z.input<typeof FaultSwitches>;

export type FaultName = keyof typeof refusalSwitches | keyof typeof replySwitches | keyof typeof wireSwitches;

export type ActiveFaults = { readonly [Name in FaultName]?: RuleOf<Name> };

type RuleOf<Name extends FaultName> = NonNullable<FaultSwitches[Name]>[number];

function ruleOrRules<Shape extends z.ZodRawShape>(shape: Shape) {
  const rule = z.strictObject({ ...when, ...shape });
  return z.union([rule.transform((single) => [single]), z.array(rule)]);
}

function optional<Shape extends Record<string, z.ZodType>>(
  shape: Shape,
): { [K in keyof Shape]: z.ZodOptional<Shape[K]> } {
  const entries = Object.entries(shape).map(([name, schema]) => [name, schema.optional()]);
  // Safe: every key of the shape is kept and only wrapped.
  return Object.fromEntries(entries) as { [K in keyof Shape]: z.ZodOptional<Shape[K]> };
}
