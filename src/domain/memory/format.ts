import type { SummaryFormat } from "./ground.ts";

const finding = {
  type: "object",
  additionalProperties: false,
  required: ["text", "sources"],
  properties: { text: { type: "string" }, sources: { type: "array", items: { type: "string" } } },
};

const findings = { type: "array", items: finding };

const resolution = {
  type: "object",
  additionalProperties: false,
  required: ["ref", "status"],
  properties: { ref: { type: "string" }, status: { type: "string", enum: ["done", "superseded"] } },
};

export const summaryFormat: SummaryFormat = {
  name: "summary",
  schema: {
    type: "object",
    additionalProperties: false,
    required: ["text", "key_facts", "decisions", "open_questions", "action_items", "resolved"],
    properties: {
      text: { type: "string" },
      key_facts: findings,
      decisions: findings,
      open_questions: findings,
      action_items: findings,
      resolved: { type: "array", items: resolution },
    },
  },
};
