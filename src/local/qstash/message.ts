import * as z from "zod";

const HeaderValues = z.record(z.string(), z.array(z.string()));

export const FlowControl = z.object({
  key: z.string(),
  parallelism: z.number().optional(),
  rate: z.number().optional(),
  periodMs: z.number(),
});
export type FlowControl = Readonly<z.infer<typeof FlowControl>>;

export const Message = z.object({
  messageId: z.string(),
  url: z.string(),
  method: z.string(),
  header: HeaderValues,
  maxRetries: z.number(),
  retryDelayExpression: z.string().optional(),
  timeoutMs: z.number().optional(),
  bodyBase64: z.string(),
  flowControl: FlowControl.optional(),
  createdAt: z.number(),
  /** When the next attempt may start. */
  dueAt: z.number(),
  retried: z.number(),
  /** The how-manieth accepted message this is: what faults draw by, so that a seed repeats whatever the ids. */
  ordinal: z.number(),
});
export type Message = Readonly<z.infer<typeof Message>>;

/** What a publisher asks for. */
export const PublishRequest = Message.omit({
  messageId: true,
  createdAt: true,
  dueAt: true,
  retried: true,
  ordinal: true,
}).extend({
  delayMs: z.number().optional(),
  deduplicationId: z.string().optional(),
});
export type PublishRequest = Readonly<z.infer<typeof PublishRequest>>;

export interface PublishResult {
  readonly messageId: string;
  readonly deduplicated?: true;
}

/** What one delivery attempt came back with. */
export type Answer =
  | {
      readonly kind: "response";
      readonly status: number;
      readonly header: Readonly<Record<string, readonly string[]>>;
      readonly bodyBase64: string;
    }
  | { readonly kind: "failure"; readonly error: string };

/** A publish request with the vendor's defaults, for callers inside the process. */
export function createPublishRequest(
  input: Pick<PublishRequest, "url"> & Partial<PublishRequest> & { readonly body?: string },
): PublishRequest {
  const { body = "", ...given } = input;
  const bodyBase64 = Buffer.from(body).toString("base64");
  return { method: "POST", header: {}, maxRetries: 3, bodyBase64, ...given };
}

export function answerHeader(answer: Answer, name: string): string | undefined {
  return answer.kind === "response" ? answer.header[name.toLowerCase()]?.[0] : undefined;
}
