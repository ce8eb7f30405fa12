import { clampRatio, type TokenRatios, toTokenRatios, unknownRatios } from "./calibrate-ratios.ts";
import { noTokens, type PromptPart, promptParts, type TokensByPart } from "./estimate.ts";

/** What is known of one model: its ratios, and how sure each is, as a covariance matrix row by row. */
export interface Calibration {
  readonly ratios: TokenRatios;
  readonly covariance: readonly number[];
}

/** One call: what was sent, by the base estimate, and what the provider says it was. */
export interface CountObservation {
  readonly tokensByPart: TokensByPart;
  readonly promptTokens: number;
}

const size = promptParts.length;
/** Before anything is seen: models differ by much in common, by some in each class. */
const commonVariance = 0.15;
const ownVariance = 0.06;
const framingVariance = 0.04;
/** How far off an estimate of one prompt is, as a part of it and in tokens. */
const relativeNoise = 0.05;
const absoluteNoise = 3;
const minPromptTokens = 50;
/** A count further off than this many deviations is doubted: it moves little, and what is known becomes less sure. */
const maxDeviations = 3;
const doubtShare = 0.01;
/** Models change: what was seen long ago counts less. */
const forgottenShare = 2e-5;

const priorCovariance: readonly number[] = promptParts.flatMap((row) =>
  promptParts.map((column) => prior(row, column)),
);

export const unknownCalibration: Calibration = { ratios: unknownRatios, covariance: priorCovariance };

/** Recursive least squares over what providers reported: a prompt of several parts teaches about all of them. */
export function calibrate(calibration: Calibration, observations: readonly CountObservation[]): Calibration {
  return observations.filter(isTelling).reduce(learn, calibration);
}

/** From stored JSON; what is not whole starts anew. */
export function toCalibration(ratios: unknown, covariance: unknown): Calibration {
  const isWhole =
    Array.isArray(covariance) &&
    covariance.length === size * size &&
    covariance.every((entry) => typeof entry === "number" && Number.isFinite(entry));
  return isWhole ? { ratios: toTokenRatios(ratios), covariance } : unknownCalibration;
}

/** From the ledger and the audit; null where the audit does not say what was sent. */
export function toObservation(json: unknown, promptTokens: number): CountObservation | null {
  if (typeof json !== "object" || json === null) return null;
  const given: Readonly<Record<string, unknown>> = { ...json };
  const tokensByPart: Record<PromptPart, number> = { ...noTokens };
  for (const part of promptParts) {
    const tokens = given[part] ?? 0;
    if (typeof tokens !== "number" || !Number.isFinite(tokens) || tokens < 0) return null;
    tokensByPart[part] = tokens;
  }
  return { tokensByPart, promptTokens };
}

function prior(row: PromptPart, column: PromptPart): number {
  if (row === "framing" || column === "framing") return row === column ? framingVariance : 0;
  return commonVariance + (row === column ? ownVariance : 0);
}

function isTelling({ tokensByPart, promptTokens }: CountObservation): boolean {
  const estimated = totalOf(tokensByPart);
  if (promptTokens < minPromptTokens || estimated < minPromptTokens) return false;
  return clampRatio(promptTokens / estimated) === promptTokens / estimated;
}

function learn({ ratios, covariance }: Calibration, { tokensByPart, promptTokens }: CountObservation): Calibration {
  const scale = 1 / totalOf(tokensByPart);
  const shares = promptParts.map((part) => tokensByPart[part] * scale);
  const expected = promptParts.reduce((sum, part, index) => sum + (shares[index] ?? 0) * ratios[part], 0);
  const surprise = promptTokens * scale - expected;
  const directions = promptParts.map((_, row) => dot(covariance, row, shares));
  const known = directions.reduce((sum, direction, index) => sum + direction * (shares[index] ?? 0), 0);
  const variance = known + (relativeNoise * expected) ** 2 + (absoluteNoise * scale) ** 2;
  const maxSurprise = maxDeviations * Math.sqrt(variance);
  const isDoubted = Math.abs(surprise) > maxSurprise;
  const step = Math.max(-maxSurprise, Math.min(maxSurprise, surprise)) / variance;
  return {
    ratios: moved(ratios, directions, step),
    covariance: isDoubted
      ? faded(covariance, doubtShare)
      : faded(narrowed(covariance, directions, variance), forgottenShare),
  };
}

function moved(ratios: TokenRatios, directions: readonly number[], step: number): TokenRatios {
  const next: Record<PromptPart, number> = { ...ratios };
  promptParts.forEach((part, index) => {
    next[part] = clampRatio(ratios[part] + (directions[index] ?? 0) * step);
  });
  return next;
}

function narrowed(covariance: readonly number[], directions: readonly number[], variance: number): readonly number[] {
  return covariance.map((entry, index) => {
    const row = directions[Math.floor(index / size)] ?? 0;
    const column = directions[index % size] ?? 0;
    return entry - (row * column) / variance;
  });
}

/** A mixture of two covariances is one. */
function faded(covariance: readonly number[], share: number): readonly number[] {
  return covariance.map((entry, index) => entry + share * ((priorCovariance[index] ?? 0) - entry));
}

function dot(covariance: readonly number[], row: number, shares: readonly number[]): number {
  return shares.reduce((sum, share, column) => sum + share * (covariance[row * size + column] ?? 0), 0);
}

function totalOf(tokens: TokensByPart): number {
  return promptParts.reduce((sum, part) => sum + tokens[part], 0);
}
