import type { QueueCore } from "./core.ts";
import { isLoopbackUrl, notLoopback, type Refusal, type Submission } from "./headers.ts";
import type { PublishRequest, PublishResult } from "./message.ts";
import type { Topics } from "./topics.ts";

export interface SubmitResult extends PublishResult {
  readonly url?: string;
}

/** A submission whose destinations are known and allowed, not yet accepted. */
export interface Resolved {
  readonly requests: readonly PublishRequest[];
  readonly isTopic: boolean;
}

export function resolveDestination(
  topics: Topics,
  destination: string,
  submission: Submission & { readonly scheduleId?: string | undefined },
): Resolved | Refusal {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(destination)) {
    if (!isLoopbackUrl(destination)) return notLoopback(destination);
    return { requests: [{ ...submission, url: destination }], isTopic: false };
  }
  const topic = topics.get(destination);
  if (topic === undefined)
    return { refused: `invalid destination url: no topic named ${destination}, and no http scheme` };
  const requests = topic.endpoints.map(({ url, name }) => {
    const deduplicationId =
      submission.deduplicationId === undefined ? undefined : `${submission.deduplicationId}:${url}`;
    return { ...submission, url, endpointName: name, topicName: topic.name, deduplicationId };
  });
  return { requests, isTopic: true };
}

/** One result for a URL, one per endpoint for a topic. */
export function submitResolved(core: QueueCore, resolved: Resolved): SubmitResult | readonly SubmitResult[] {
  const results = resolved.requests.map((request) => {
    const result = core.publish(request);
    return resolved.isTopic ? { ...result, url: request.url } : result;
  });
  return resolved.isTopic ? results : (results[0] ?? []);
}
