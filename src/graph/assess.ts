import { PantheonError } from "../contract/errors.ts";
import { type CheckedReply, checkReply } from "../domain/speaker/check-reply.ts";
import { headWithin } from "../domain/text/utf8.ts";
import type { ModelFailure, ModelFailureType, ModelOutcome } from "../ports/model.ts";
import type { AgentEnd, AgentTask } from "./agent-state.ts";
import { parseJsonReply } from "./parse-json-reply.ts";

export type Assessment =
  | { readonly kind: "final"; readonly end: AgentEnd }
  /** What the model itself can mend when it is told; without another try it ends as `spent` says. */
  | { readonly kind: "mendable"; readonly instruction: string; readonly spent: AgentEnd };

export type Reading = Pick<AgentTask, "format" | "readReply" | "roster" | "self">;

// What is held for a prompt has room for it.
const maxFaultBytes = 256;

/** An outcome that asks for nothing more. */
export type Spoken = Exclude<ModelOutcome, { readonly kind: "called" }>;

/** What a model's outcome comes to, and whether telling the model what was wrong is worth a call. */
export function assess(outcome: Spoken, reading: Reading): Assessment {
  if (outcome.kind === "failed") return assessFailure(outcome.failure, reading);
  if (outcome.text.trim() === "") return assessFailure(emptyReply, reading);
  return reading.format === null ? assessWords(outcome.text, reading) : assessForm(outcome, reading);
}

function assessFailure(failure: ModelFailure, { format }: Reading): Assessment {
  const wrong = wrongByType[failure.type];
  if (wrong === undefined) return final({ kind: "failed", failure });
  const wanted = format === null ? wantedByType[failure.type] : wantedForm;
  const spent = { kind: "failed", failure: { ...failure, isTransient: false } } as const;
  return { kind: "mendable", instruction: `${wrong} ${wanted}`, spent };
}

function assessWords(reply: string, { roster, self }: Reading): Assessment {
  const checked = checkReply(reply, roster, self);
  switch (checked.kind) {
    case "ok":
      return final({ kind: "replied", text: checked.text, result: null, flags: [] });
    case "silent":
      return final({ kind: "replied", text: null, result: null, flags: checked.flags });
    case "flagged":
      return assessFlagged(checked);
    case "empty":
      throw new PantheonError("internal", "A reply passed for text and is empty.");
  }
}

/** Where another try says no more, what the agent said for itself counts. */
function assessFlagged({ text, flags, askAgain }: Flagged): Assessment {
  const end: AgentEnd =
    text === null ? { kind: "failed", failure: spokeForAnother } : { kind: "replied", text, result: null, flags };
  return askAgain === null ? final(end) : { kind: "mendable", instruction: askAgain, spent: end };
}

type Flagged = Extract<CheckedReply, { readonly kind: "flagged" }>;

function assessForm({ text, finishReason }: Replied, { readReply }: Reading): Assessment {
  const parsed = parseJsonReply(text);
  if (parsed.kind === "invalid")
    return unreadable(finishReason === "length" ? `${parsed.fault} ${tooLong}` : parsed.fault);
  const read = readReply(parsed.value);
  if (read.kind === "invalid") return unreadable(headWithin(read.fault, maxFaultBytes));
  return final({ kind: "replied", text: read.text, result: read.result, flags: [] });
}

type Replied = Extract<Spoken, { readonly kind: "replied" }>;

function unreadable(fault: string): Assessment {
  const instruction = `Your last reply could not be used. What was wrong: ${fault}\n${wantedForm}`;
  return { kind: "mendable", instruction, spent: { kind: "unreadable", fault } };
}

function final(end: AgentEnd): Assessment {
  return { kind: "final", end };
}

const wantedForm = "Reply again, with nothing but JSON in the form that was asked for.";
const tooLong = "It was longer than a reply may be, and its end is missing: be shorter.";

type Mendable = Readonly<Partial<Record<ModelFailureType, string>>>;

const wrongByType: Mendable = {
  empty_reply: "Your last reply was empty.",
  invalid_reply: "Your last reply could not be read.",
};

const wantedByType: Mendable = {
  empty_reply: "Reply again, in words.",
  invalid_reply: "Reply again, in plain text.",
};

const emptyReply: ModelFailure = {
  type: "empty_reply",
  message: "The model's reply is empty.",
  isTransient: true,
  retryAfterSeconds: null,
};

const spokeForAnother: ModelFailure = {
  type: "invalid_reply",
  message: "The model's reply speaks for another agent and holds no words of its own.",
  isTransient: false,
  retryAfterSeconds: null,
};
