import { setImmediate as nextTurn } from "node:timers/promises";
import type { Completion } from "./completion.ts";
import type { ActiveFaults } from "./fault-switches.ts";
import type { ShiftableClock } from "./shiftable-clock.ts";
import { answerChunks, type Chunk, errorChunk } from "./wire-answers.ts";

export interface Caller {
  /** Aborts when the connection is gone. */
  readonly signal: AbortSignal;
  /** Drops the connection without an orderly end. */
  reset(): void;
}

export interface StreamInput {
  readonly completion: Completion;
  readonly faults: ActiveFaults;
  readonly clock: ShiftableClock;
  readonly msPerChunk: number;
  readonly caller: Caller;
  /** Right before words of the answer are written. */
  onWords(): void;
  onEnd(outcome: "answered" | "broken" | "caller_left"): void;
}

type Step =
  | { readonly kind: "write"; readonly text: string }
  | { readonly kind: "think"; readonly ms: number }
  | { readonly kind: "hang" | "reset" | "break" };

const hasWords = /"content":"[^"]/;

export function streamAnswer(input: StreamInput): ReadableStream<Uint8Array> {
  const steps = planSteps(input.completion, input.faults);
  const encoder = new TextEncoder();
  let index = 0;
  let isEnded = false;
  const end = (outcome: "answered" | "broken" | "caller_left") => {
    if (isEnded) return;
    isEnded = true;
    input.onEnd(outcome);
  };
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const outcome = await takeStep(steps[index], input);
      index += 1;
      if (typeof outcome === "string" && outcome !== "goes_on") {
        end(outcome);
        return controller.close();
      }
      const text = typeof outcome === "object" ? outcome.text : "";
      if (hasWords.test(text)) input.onWords();
      controller.enqueue(encoder.encode(text));
    },
    cancel: () => end("caller_left"),
  });
}

type StepOutcome = { readonly text: string } | "goes_on" | "answered" | "broken" | "caller_left";

async function takeStep(
  step: Step | undefined,
  { faults, clock, msPerChunk, caller }: StreamInput,
): Promise<StepOutcome> {
  if (caller.signal.aborted) return "caller_left";
  if (step === undefined) return "answered";
  switch (step.kind) {
    case "write": {
      const delay = faults.slow_tokens?.ms_per_chunk ?? msPerChunk;
      if (delay > 0) await clock.sleep(delay, caller.signal);
      return { text: step.text };
    }
    case "think":
      await clock.sleep(step.ms, caller.signal);
      return "goes_on";
    case "hang":
      await clock.hang(caller.signal);
      return caller.signal.aborted ? "caller_left" : "goes_on";
    case "reset":
      await nextTurn();
      caller.reset();
      return "broken";
    case "break":
      return "broken";
  }
}

function planSteps(completion: Completion, faults: ActiveFaults): Step[] {
  const chunks = answerChunks(completion, faults);
  const thinkingMs = faults.slow_tokens?.ms_before_first ?? 0;
  const processing: Step[] = [
    write(": OPENROUTER PROCESSING\n\n"),
    write(": OPENROUTER PROCESSING\n\n"),
    ...(thinkingMs > 0 ? [{ kind: "think", ms: thinkingMs } as const] : []),
  ];
  const steps = [...processing, ...chunks.map((chunk) => write(event(chunk))), write("data: [DONE]\n\n")];
  const before = (rule: { readonly after_chunks: number }) =>
    processing.length + Math.min(rule.after_chunks, chunks.length);
  if (faults.hang_mid_stream) steps.splice(before(faults.hang_mid_stream), 0, { kind: "hang" });
  if (faults.truncated_json) {
    const at = before(faults.truncated_json);
    return [...steps.slice(0, at), write(`${event(chunks.at(-1) ?? {}).slice(0, 60)}\n\n`), { kind: "break" }];
  }
  if (faults.error_mid_stream) {
    const at = before(faults.error_mid_stream);
    return [
      ...steps.slice(0, at),
      write(event(errorChunk(completion, faults.error_mid_stream.code))),
      { kind: "break" },
    ];
  }
  if (faults.cut_stream) {
    return [
      ...steps.slice(0, before(faults.cut_stream)),
      { kind: faults.cut_stream.by === "reset" ? "reset" : "break" },
    ];
  }
  return steps;
}

function write(text: string): Step {
  return { kind: "write", text };
}

function event(chunk: Chunk): string {
  return `data: ${JSON.stringify(chunk)}\n\n`;
}
