import type { FaultName } from "./fault-switches.ts";
import type { Usage } from "./usage.ts";
import type { FinishReason, Message } from "./wire.ts";

const KEPT_REQUESTS = 20_000;

/** `answered` is a whole answer, `refused` an error status, `broken` an answer that was cut, `caller_left` what it says. */
type Outcome = "pending" | "answered" | "refused" | "broken" | "caller_left";

export interface RecordedRequest {
  readonly started_at: number;
  readonly method: string;
  readonly path: string;
  readonly authorization: "valid" | "invalid" | "missing";
  readonly headers: Readonly<Record<string, string>>;
  model: string | null;
  messages: readonly Message[];
  stream: boolean;
  body: unknown;
  outcome: Outcome;
  status: number | null;
  faults: readonly FaultName[];
  finish_reason: FinishReason | null;
  generation_id: string | null;
  usage: Usage | null;
  /** When the first words of a streamed answer were written, in milliseconds of `performance.now()`. */
  first_words_at_ms: number | null;
}

export interface RecorderStats {
  readonly attempts: number;
  readonly chat_attempts: number;
  readonly by_outcome: Readonly<Record<string, number>>;
  readonly by_status: Readonly<Record<string, number>>;
  readonly by_model: Readonly<Record<string, number>>;
  readonly most_at_once: number;
}

type RequestHead = Pick<RecordedRequest, "method" | "path" | "authorization" | "headers">;

export interface Recorder {
  start(head: RequestHead): RecordedRequest;
  finish(request: RecordedRequest, outcome: Exclude<Outcome, "pending">, status: number | null): void;
  requests(): readonly RecordedRequest[];
  stats(): RecorderStats;
  findGeneration(id: string): RecordedRequest | undefined;
  clear(): void;
}

export function createRecorder(): Recorder {
  let started = 0;
  let requests: RecordedRequest[] = [];
  let open = 0;
  let maxAtOnce = 0;
  return {
    start(head) {
      started += 1;
      const request = emptyRecord(started, head);
      requests.push(request);
      if (requests.length > KEPT_REQUESTS) requests.shift();
      open += 1;
      maxAtOnce = Math.max(maxAtOnce, open);
      return request;
    },
    finish(request, outcome, status) {
      if (request.outcome !== "pending") return;
      open -= 1;
      request.outcome = outcome;
      request.status = status;
    },
    requests: () => requests,
    stats: () => ({ ...summarize(requests), attempts: started, most_at_once: maxAtOnce }),
    findGeneration: (id) => requests.find((request) => request.generation_id === id),
    clear() {
      started = 0;
      requests = [];
      maxAtOnce = 0;
    },
  };
}

function emptyRecord(startedAt: number, head: RequestHead): RecordedRequest {
  return {
    started_at: startedAt,
    ...head,
    model: null,
    messages: [],
    stream: false,
    body: null,
    outcome: "pending",
    status: null,
    faults: [],
    finish_reason: null,
    generation_id: null,
    usage: null,
    first_words_at_ms: null,
  };
}

function summarize(requests: readonly RecordedRequest[]): Omit<RecorderStats, "attempts" | "most_at_once"> {
  return {
    chat_attempts: requests.filter((request) => request.path.endsWith("/chat/completions")).length,
    by_outcome: tally(requests.map((request) => request.outcome)),
    by_status: tally(requests.flatMap((request) => (request.status === null ? [] : [String(request.status)]))),
    by_model: tally(requests.flatMap((request) => (request.model === null ? [] : [request.model]))),
  };
}

function tally(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
