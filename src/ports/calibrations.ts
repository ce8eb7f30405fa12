import type { TokenRatios } from "../domain/tokens/calibrate-ratios.ts";

/** A place among the calls of the ledger. */
export interface LedgerPlace {
  readonly at: string;
  readonly id: string;
}

/** A call that the provider counted, in the order of the ledger. */
export interface CountedCall extends LedgerPlace {
  readonly provider_model: string;
  readonly prompt_tokens: number;
  /** What was sent, as its audit keeps it; null where it keeps none. */
  readonly tokens_by_part: unknown;
}

/** What is known of a model, as it was stored. */
export interface StoredCalibration {
  readonly provider_model: string;
  readonly ratios: unknown;
  readonly covariance: unknown;
  /** The last call that is in it, or was passed over. */
  readonly observed_id: string;
}

export interface CalibrationSnapshot {
  /** Those from which nobody has learnt, oldest first. */
  readonly calls: readonly CountedCall[];
  /** Of the models of these calls. */
  readonly calibrations: readonly StoredCalibration[];
}

export interface CalibrationChange {
  readonly provider_model: string;
  readonly ratios: TokenRatios;
  readonly covariance: readonly number[];
  readonly observed_at: string;
  readonly observed_id: string;
  /** What was stored when it was read; null where nothing was. */
  readonly observed_id_before: string | null;
}

/** What the providers' counts teach; it belongs to no tenant. */
export interface CalibrationStore {
  read(limit: number): Promise<CalibrationSnapshot>;
  /** Keeps a model's change unless another run was first; answers how many were kept. */
  write(changes: readonly CalibrationChange[]): Promise<number>;
}
