import type { AgentTask } from "../../src/graph/agent-state.ts";

export function task(changes: Partial<AgentTask> = {}): AgentTask {
  const self = { key: "ada", name: "Ada" };
  return {
    threadId: crypto.randomUUID(),
    messages: [
      { role: "system", content: "You are Ada." },
      { role: "user", content: "Why is the sky blue?" },
    ],
    providerModel: "openai/gpt-4o-mini",
    maxOutputTokens: 300,
    modelTimeoutMs: 10_000,
    deadlineAtMs: Date.now() + 60_000,
    roster: [self, { key: "bob", name: "Bob" }],
    self,
    format: null,
    readReply: () => ({ kind: "invalid", fault: "nobody asked for a form" }),
    tools: [],
    approvals: {},
    checkpoint: null,
    onDelta: () => undefined,
    ...changes,
  };
}
