import { expect, it } from "vitest";
import { startOpenRouter } from "../../src/local/openrouter/start-openrouter.ts";

it("are noted by the model stand-in when it writes them, and not before", async () => {
  const model = await startOpenRouter({ apiKey: "key" });
  const ask = async (stream: boolean) => {
    const init = {
      method: "POST",
      headers: { authorization: "Bearer key", "content-type": "application/json" },
      body: JSON.stringify({ model: "openai/gpt-4o-mini", stream, messages: [{ role: "user", content: "Hello" }] }),
    };
    return fetch(`${model.baseUrl}/chat/completions`, init);
  };
  const noted = () => model.requests().at(-1)?.first_words_at_ms;
  await (await ask(false)).text();
  expect(noted()).toBeNull();
  model.setFaults({ hang_mid_stream: { fail_next: 1, after_chunks: 1 } });
  const beganAt = performance.now();
  const stream = await ask(true);
  expect([stream.status, noted()]).toEqual([200, null]);
  model.release();
  await stream.text();
  expect(noted()).toBeGreaterThanOrEqual(beganAt);
  expect(noted()).toBeLessThanOrEqual(performance.now());
  await model.stop();
});
