import type { FaultSwitchesInput } from "../../src/local/openrouter/fault-switches.ts";
import type { ScriptedReply } from "./modes-kit.ts";

type Payer = "user" | "platform";

/** What a model says or how it fails, and who pays each call of the step, in order. */
export interface ReplyPlay {
  readonly name: string;
  readonly script?: readonly ScriptedReply[];
  readonly faults?: FaultSwitchesInput;
  /** A form to answer in; without one the reply is plain words, which are streamed. */
  readonly schema?: object;
  readonly payers: readonly Payer[];
  /** Words come out of the first call. */
  readonly isShown: boolean;
}

const once = { fail_next: 1 };
const twice = (reply: Partial<ScriptedReply>): readonly ScriptedReply[] => [{ ...reply, times: 2 }];
const user = "user";
const platform = "platform";

const form = {
  type: "object",
  properties: { answer: { type: "string", enum: ["go", "wait"] } },
  required: ["answer"],
  additionalProperties: false,
};
const right = { answer: "wait" };
const wrong = { answer: "perhaps" };
const text = "A whole reply of some words, from its first to its last.";

export const streamedPlays: readonly ReplyPlay[] = [
  { name: "a reply", script: [{ text }], payers: [user], isShown: true },
  { name: "silence", script: [{ text: "[SILENT]" }], payers: [user], isShown: true },
  { name: "another's voice", script: twice({ text: "bob: I doubt it." }), payers: [user, user], isShown: true },
  { name: "another's label", script: twice({ text: "bob:" }), payers: [user, user], isShown: true },
  { name: "another's voice, then its own", script: [{ text: "bob: No." }], payers: [user, user], isShown: true },
  { name: "white space", script: twice({ text: " \n\n  " }), payers: [user, user], isShown: true },
  { name: "nothing", faults: { empty_reply: { fail_next: 2 } }, payers: [user, user], isShown: false },
  {
    name: "nothing, billed at nothing",
    script: twice({ text: "", usage: { cost: 0 } }),
    payers: [platform, platform],
    isShown: false,
  },
  { name: "more than fits", faults: { long_reply: { ...once, words: 5_000 } }, payers: [user], isShown: true },
  { name: "what is filtered", faults: { content_filter: once }, payers: [user], isShown: true },
  { name: "an error amid the words", faults: { error_mid_stream: once }, payers: [user, user], isShown: true },
  { name: "a reset after words", faults: { cut_stream: once }, payers: [user, user], isShown: true },
  {
    name: "an early end after words",
    faults: { cut_stream: { ...once, by: "end" } },
    payers: [user, user],
    isShown: true,
  },
  {
    name: "an early end before words",
    faults: { cut_stream: { ...once, after_chunks: 1, by: "end" } },
    payers: [platform, user],
    isShown: false,
  },
  { name: "a reset", faults: { reset_before_headers: once }, payers: [platform, user], isShown: false },
  { name: "status 429", faults: { rate_limited: once }, payers: [platform, user], isShown: false },
  { name: "status 502", faults: { server_error: once }, payers: [platform, user], isShown: false },
  { name: "status 400", faults: { bad_request: once }, payers: [platform], isShown: false },
  { name: "an error page", faults: { not_json: once }, payers: [platform, user], isShown: false },
];

export const formPlays: readonly ReplyPlay[] = [
  { name: "a form", schema: form, script: [{ json: right }], payers: [user], isShown: false },
  { name: "no JSON", schema: form, script: twice({ text: "I say no." }), payers: [user, user], isShown: false },
  {
    name: "half of its JSON",
    schema: form,
    script: twice({ text: '{"answer": "wa' }),
    payers: [user, user],
    isShown: false,
  },
  { name: "another form", schema: form, script: twice({ json: wrong }), payers: [user, user], isShown: false },
  {
    name: "another form, then its own",
    schema: form,
    script: [{ json: wrong }, { json: right }],
    payers: [user, user],
    isShown: false,
  },
  {
    name: "a form that nothing satisfies",
    schema: { type: "object", not: {} },
    script: twice({ json: right }),
    payers: [user, user],
    isShown: false,
  },
  {
    name: "a form too long for any reply",
    schema: { ...form, properties: { answer: { type: "string", minLength: 100_000 } } },
    script: twice({ json: right }),
    payers: [user, user],
    isShown: false,
  },
  {
    name: "more than fits, of JSON",
    schema: form,
    faults: { long_reply: { fail_next: 2 } },
    payers: [user, user],
    isShown: false,
  },
  { name: "no form", schema: form, faults: { empty_reply: { fail_next: 2 } }, payers: [user, user], isShown: false },
  { name: "a filtered form", schema: form, faults: { content_filter: once }, payers: [user], isShown: false },
  {
    name: "a reset amid a form",
    schema: form,
    faults: { cut_stream: { ...once, after_chunks: 2 } },
    payers: [platform, user],
    isShown: false,
  },
  {
    name: "status 503 for a form",
    schema: form,
    faults: { server_error: once },
    payers: [platform, user],
    isShown: false,
  },
];
