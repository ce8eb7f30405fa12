export interface SubscriptionHandlers {
  readonly onOpen: () => void;
  readonly onMessage: (text: string) => void;
  /** Nothing is heard any more; it is tried again by itself. */
  readonly onBreak: () => void;
}

interface Channel {
  readonly redisUrl: string;
  readonly redisToken: string;
  readonly name: string;
}

const firstPauseMs = 500;
const longestPauseMs = 8_000;
const longestLine = 1_048_576;
/** `subscribe,<channel>,<count>`, then `message,<channel>,<text>`. */
const event = /^data: ?(\w+),[^,]*,(.*)$/s;

/** Not the SDK's own: that one does not tell when its stream has ended, and begins no other. Answers how to leave. */
export function subscribe(channel: Channel, handlers: SubscriptionHandlers): () => void {
  const leaving = new AbortController();
  void keepListening(channel, handlers, leaving.signal);
  return () => leaving.abort();
}

async function keepListening(channel: Channel, handlers: SubscriptionHandlers, left: AbortSignal): Promise<void> {
  for (let pauseMs = firstPauseMs; !left.aborted; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
    const onOpen = () => {
      pauseMs = firstPauseMs;
      handlers.onOpen();
    };
    await listen(channel, { ...handlers, onOpen }, left).catch(() => undefined);
    handlers.onBreak();
    await pause(pauseMs, left);
  }
}

async function listen(
  { redisUrl, redisToken, name }: Channel,
  handlers: SubscriptionHandlers,
  signal: AbortSignal,
): Promise<void> {
  const url = `${redisUrl.replace(/\/+$/, "")}/subscribe/${encodeURIComponent(name)}`;
  const headers = { authorization: `Bearer ${redisToken}`, accept: "text/event-stream" };
  const response = await fetch(url, { method: "POST", headers, signal });
  if (!response.ok || response.body === null) return response.body?.cancel();
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (let rest = ""; rest.length < longestLine; ) {
    const { done, value } = await reader.read();
    if (done) return;
    const lines = (rest + value).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) handleLine(line, handlers);
  }
  await reader.cancel();
}

function handleLine(line: string, { onOpen, onMessage }: SubscriptionHandlers): void {
  const [, kind, text = ""] = event.exec(line.replace(/\r$/, "")) ?? [];
  if (kind === "subscribe") onOpen();
  if (kind === "message") onMessage(text);
}

function pause(ms: number, left: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      left.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    left.addEventListener("abort", end);
  });
}
