import { createModelGateway } from "../../src/adapters/openrouter/create-model-gateway.ts";
import { parseUsage } from "../../src/domain/meter/usage.ts";
import type { OpenRouter } from "../../src/local/openrouter/start-openrouter.ts";
import type { Clock } from "../../src/ports/clock.ts";
import type { ModelGateway, ModelRequest } from "../../src/ports/model.ts";

export const apiKey = "sk-or-v1-secret-of-the-tests";

export const clock: Clock = { now: () => new Date() };

export function gatewayTo(baseUrl: string): ModelGateway {
  return createModelGateway({ baseUrl, apiKey, clock });
}

export function request(changes: Partial<ModelRequest> = {}): ModelRequest {
  return {
    providerModel: "openai/gpt-4o-mini",
    messages: [
      { role: "system", content: "You are Ada." },
      { role: "user", content: "Why is the sky blue?" },
    ],
    tools: [],
    mayCallTools: true,
    format: null,
    maxOutputTokens: 300,
    timeoutMs: 300_000,
    ...changes,
  };
}

/** What the provider billed, as the ledger must show it. */
export function billed(router: OpenRouter, index = 0) {
  const usage = router.requests()[index]?.usage;
  if (usage === undefined || usage === null) throw new Error(`request ${index} was billed nothing`);
  return parseUsage({ ...usage, cost: String(usage.cost) });
}

export const nothingBilled = parseUsage({ prompt_tokens: 0, completion_tokens: 0 });
