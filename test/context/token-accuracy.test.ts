import { describe, expect, test } from "vitest";
import { type CountObservation, calibrate, unknownCalibration } from "../../src/domain/tokens/calibrate.ts";
import {
  calibratedPromptTokens,
  calibratedTokens,
  type TokenRatios,
} from "../../src/domain/tokens/calibrate-ratios.ts";
import { estimateByClass, measureText } from "../../src/domain/tokens/estimate.ts";
import { type Sample, sampleKinds, samples, type Tokenizer, tokenizers } from "./token-samples.ts";

const maxMedianError = 0.05;
const even = samples.filter((_, index) => index % 2 === 0);
const odd = samples.filter((_, index) => index % 2 === 1);
/** Each half is judged by what was learnt from the other. */
const folds = [
  { learntFrom: even, heldOut: odd },
  { learntFrom: odd, heldOut: even },
];

/** What the provider reports of a prompt: the samples' tokens, and its own framing of each message. */
function observe(tokenizer: Tokenizer, prompt: readonly Sample[]): CountObservation {
  const counts = prompt.map(({ text }) => tokenizer.count(text) + tokenizer.framing);
  return {
    tokensByPart: estimateByClass(prompt.map(({ text }) => ({ content: text }))),
    promptTokens: counts.reduce((sum, count) => sum + count, 3),
  };
}

type Prompts = readonly (readonly Sample[])[];

function single(from: readonly Sample[]): Prompts {
  return from.map((sample) => [sample]);
}

/** Conversations of two to five messages, most of one class. */
function mixed(from: readonly Sample[]): Prompts {
  const groups = [...new Set(from.map(classOf))].map((name) => from.filter((sample) => classOf(sample) === name));
  return Array.from({ length: 42 }, (_, index) => {
    const group = groups[index % groups.length] ?? [];
    const main = Array.from({ length: 1 + (index % 4) }, (_, place) => group[(index * 3 + place) % group.length]);
    return [...main, from[(index * 5) % from.length]].filter((sample) => sample !== undefined);
  });
}

function classOf({ text }: Sample): string {
  return measureText(text).scriptClass;
}

interface Judged {
  readonly kind: string;
  readonly error: number;
}

/** How far the calibrated estimates are off on what the calibration never saw. */
function judge(
  tokenizer: Tokenizer,
  toPrompts: (from: readonly Sample[]) => Prompts,
): Readonly<Record<string, number>> {
  const judged = folds.flatMap(({ learntFrom, heldOut }) => {
    const observations = toPrompts(learntFrom).map((prompt) => observe(tokenizer, prompt));
    const { ratios } = calibrate(unknownCalibration, observations);
    const prompts = toPrompts(heldOut).map((prompt) => promptError(observe(tokenizer, prompt), ratios));
    return [...heldOut.map((sample) => sampleError(tokenizer, sample, ratios)), ...prompts];
  });
  const kinds = [...sampleKinds, "prompt"];
  return Object.fromEntries(
    kinds.map((kind) => [kind, median(judged.filter((one) => one.kind === kind).map(({ error }) => error))]),
  );
}

function sampleError(tokenizer: Tokenizer, { kind, text }: Sample, ratios: TokenRatios): Judged {
  return { kind, error: Math.abs(calibratedTokens(measureText(text), ratios) / tokenizer.count(text) - 1) };
}

function promptError({ tokensByPart, promptTokens }: CountObservation, ratios: TokenRatios): Judged {
  return { kind: "prompt", error: Math.abs(calibratedPromptTokens(tokensByPart, ratios) / promptTokens - 1) };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  return ((sorted[Math.floor((sorted.length - 1) / 2)] ?? 0) + (sorted[Math.ceil((sorted.length - 1) / 2)] ?? 0)) / 2;
}

function tell(title: string, errors: Readonly<Record<string, number>>): void {
  const told = Object.entries(errors).map(([kind, error]) => `${kind} ${(error * 100).toFixed(1)} %`);
  console.log(`${title}: median error ${told.join(", ")}`);
}

describe("the samples", () => {
  test("are at least 20 of each kind, of 90 to 4,000 characters, each of another text", () => {
    for (const kind of sampleKinds)
      expect(samples.filter((sample) => sample.kind === kind).length).toBeGreaterThanOrEqual(20);
    for (const { text } of samples) expect(text.length).toBeGreaterThanOrEqual(90);
    for (const { text } of samples) expect(text.length).toBeLessThanOrEqual(4000);
    expect(new Set(samples.map(({ text }) => text)).size).toBe(samples.length);
  });

  test.each(samples.map((sample) => [sample.name, sample] as const))("%s is known for what it is", (name, sample) => {
    const language = name.split(" ")[0] ?? "";
    const eastAsian = { chinese: "han", japanese: "kana", korean: "hangul" }[language];
    const prose = language === "english" ? "english" : "latin";
    expect(classOf(sample)).toBe(eastAsian ?? (sample.kind === "prose" ? prose : sample.kind));
  });
});

describe.each(tokenizers)("after what a provider with $name tokenizer reported", (tokenizer) => {
  test.each([
    ["single messages", single],
    ["mixed conversations", mixed],
  ])("of %s, the median error on what was not among them is at most 5 %%", (title, toPrompts) => {
    const errors = judge(tokenizer, toPrompts);
    tell(`${tokenizer.name}, ${title}`, errors);
    for (const [kind, error] of Object.entries(errors)) expect(error, kind).toBeLessThanOrEqual(maxMedianError);
  });
});
