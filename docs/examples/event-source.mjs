import { createServer } from "node:http";
import { Readable } from "node:stream";

const { PANTHEON_URL, PANTHEON_KEY, TURN } = process.env;
const told = ["turn.created", "turn.started", "step.started", "message.completed", "step.failed"];
const ends = ["turn.completed", "turn.partial", "turn.failed", "turn.cancelled"];

/** Yours: it knows who asks, keeps the key, and hands on what an EventSource says and hears. */
const relay = createServer(async ({ url, headers }, response) => {
  const leaving = new AbortController();
  response.once("close", () => leaving.abort());
  const sent = { authorization: `Bearer ${PANTHEON_KEY}`, accept: "text/event-stream" };
  const answer = await fetch(`${PANTHEON_URL}/api/v1/turns/${url.slice(1)}/events`, {
    headers: { ...sent, "last-event-id": headers["last-event-id"] ?? "" },
    signal: leaving.signal,
  }).catch(() => null);
  if (answer === null) return response.destroy();
  response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "text/plain" });
  if (answer.body === null) return response.end();
  Readable.fromWeb(answer.body)
    .on("error", () => response.destroy())
    .pipe(response);
});
await new Promise((resolve) => relay.listen(0, "127.0.0.1", resolve));

/** The page's: it comes back by itself with Last-Event-ID, and for good once the turn's end was seen. */
const source = new EventSource(`http://127.0.0.1:${relay.address().port}/${TURN}`);
source.addEventListener("message.delta", ({ data }) => process.stdout.write(JSON.parse(data).data.text));
for (const type of [...told, ...ends])
  source.addEventListener(type, ({ lastEventId }) => console.log(`\n${lastEventId} ${type}`));
source.addEventListener("error", () => {
  if (source.readyState === EventSource.CLOSED) relay.close();
});
