import { PantheonError } from "../contract/errors.ts";
import type { CheckpointTuple } from "../ports/checkpoints.ts";

const version = 1;

interface StepText {
  readonly v: typeof version;
  readonly tuples: readonly CheckpointTuple[];
}

/** The opaque text of a step's checkpoint; a deploy in mid-turn reads what the build before it wrote. */
export function writeStepText(tuples: readonly CheckpointTuple[]): string {
  const text: StepText = { v: version, tuples };
  return JSON.stringify(text);
}

export function readStepText(text: string): readonly CheckpointTuple[] {
  const parsed = parse(text);
  if (isStepText(parsed)) return parsed.tuples;
  const found = JSON.stringify(versionOf(parsed)) ?? "none";
  throw new PantheonError("internal", `The step's checkpoint is of version ${found.slice(0, 50)}; known: ${version}.`);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new PantheonError("internal", "The step's checkpoint is not JSON.", { cause });
  }
}

// The version vouches for the shape: only `writeStepText` writes it.
function isStepText(parsed: unknown): parsed is StepText {
  return versionOf(parsed) === version;
}

function versionOf(parsed: unknown): unknown {
  return typeof parsed === "object" && parsed !== null && "v" in parsed ? parsed.v : undefined;
}
