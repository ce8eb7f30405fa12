import type { OpenRouter } from "../../src/local/openrouter/start-openrouter.ts";

export const API_KEY = "sk-or-v1-test";

export function ask(router: OpenRouter, body: unknown, apiKey = API_KEY): Promise<Response> {
  return fetch(`${router.baseUrl}/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${apiKey}`, "content-type": "application/json" },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
}

export function control(router: OpenRouter, method: string, path: string, body?: unknown): Promise<Response> {
  const headers = { authorization: `Bearer ${API_KEY}`, "content-type": "application/json" };
  return fetch(
    `${router.url}/_faults${path}`,
    body === undefined ? { method, headers } : { method, headers, body: JSON.stringify(body) },
  );
}

export function question(text: string, more: Readonly<Record<string, unknown>> = {}) {
  return { model: "openai/gpt-4o-mini", messages: [{ role: "user", content: text }], ...more };
}

/** The parsed data lines of a whole event stream; `[DONE]` stays a string. */
export function eventsOf(stream: string): unknown[] {
  const lines = stream.split("\n").filter((line) => line.startsWith("data: "));
  return lines.map((line) => (line === "data: [DONE]" ? "[DONE]" : JSON.parse(line.slice(6))));
}
