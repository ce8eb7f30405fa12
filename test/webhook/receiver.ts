import { Webhook } from "standardwebhooks";
import { serve } from "../../src/local/serve.ts";

export interface Received {
  readonly id: string;
  readonly timestamp: string;
  readonly path: string;
  readonly body: { readonly type: string; readonly timestamp: string; readonly data: Record<string, unknown> };
}

export interface Receiver {
  readonly url: string;
  readonly received: readonly Received[];
  /** What the next requests are answered, oldest first; then 200. */
  answerNext(
    ...answers: readonly { readonly status: number; readonly headers?: Readonly<Record<string, string>> }[]
  ): void;
  trust(secret: string): void;
  stop(): Promise<void>;
}

/** A user's server: it takes nothing that the reference package does not verify. */
export async function startReceiver(): Promise<Receiver> {
  const received: Received[] = [];
  const answers: { readonly status: number; readonly headers?: Readonly<Record<string, string>> }[] = [];
  let webhook: Webhook | null = null;
  const server = await serve(async (request) => {
    const body = await request.text();
    const headers = Object.fromEntries(request.headers);
    webhook?.verify(body, headers);
    received.push({
      id: headers["webhook-id"] ?? "",
      timestamp: headers["webhook-timestamp"] ?? "",
      path: new URL(request.url).pathname,
      body: JSON.parse(body),
    });
    const answer = answers.shift() ?? { status: 200 };
    return new Response("heard", answer);
  });
  return {
    url: server.url,
    received,
    answerNext: (...next) => void answers.push(...next),
    trust: (secret) => {
      webhook = new Webhook(secret);
    },
    stop: () => server.stop(),
  };
}
