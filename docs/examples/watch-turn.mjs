const { PANTHEON_URL, PANTHEON_KEY, TURN } = process.env;
const ends = new Set(["turn.completed", "turn.partial", "turn.failed", "turn.cancelled"]);

for await (const { id, event, data } of watch(`${PANTHEON_URL}/api/v1/turns/${TURN}/events`, PANTHEON_KEY)) {
  if (event === "message.delta") process.stdout.write(data.data.text);
  else console.log(`\n${id} ${event}`);
}

/** Every event of the log once, with the pieces of replies that come in between, until the turn is over. */
async function* watch(url, key) {
  for (let lastId = ""; ; await new Promise((resolve) => setTimeout(resolve, 1000))) {
    const headers = { authorization: `Bearer ${key}`, accept: "text/event-stream", "last-event-id": lastId };
    const response = await fetch(url, { headers }).catch(() => null);
    if (response !== null && [400, 401, 403, 404].includes(response.status)) throw new Error(await response.text());
    if (response?.status === 204) return;
    if (response?.ok !== true) continue;
    for await (const frame of read(response.body)) {
      yield frame;
      lastId = frame.id ?? lastId;
      if (ends.has(frame.event)) return;
    }
  }
}

/** Whole frames only: half of one comes again after the next connection. */
async function* read(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  for (let text = ""; ; ) {
    const { done, value } = await reader.read().catch(() => ({ done: true }));
    if (done) return;
    const frames = (text + value).split("\n\n");
    text = frames.pop();
    for (const frame of frames) {
      const field = (name) => frame.match(new RegExp(`^${name}: (.*)$`, "m"))?.[1];
      if (field("data")) yield { id: field("id"), event: field("event"), data: JSON.parse(field("data")) };
    }
  }
}
