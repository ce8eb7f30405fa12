import { calibrate, toCalibration, toObservation } from "../../domain/tokens/calibrate.ts";
import type {
  CalibrationChange,
  CalibrationSnapshot,
  CalibrationStore,
  CountedCall,
  LedgerPlace,
} from "../../ports/calibrations.ts";
import type { Log } from "../../ports/log.ts";

interface CalibratePorts {
  readonly calibrations: CalibrationStore;
  readonly log: Log;
}

const callsAtOnce = 200;

/** Learns from what providers counted since the last run. May run twice at once; a failure is told, and is no one else's. */
export async function calibrateTokens({ calibrations, log }: CalibratePorts): Promise<void> {
  try {
    const input = await calibrations.read(callsAtOnce);
    if (input.calls.length === 0) return;
    const kept = await calibrations.write(changesOf(input));
    log.info("tokens_calibrated", { calls: input.calls.length, models: kept });
  } catch (error) {
    log.warn("calibration_failed", { error: error instanceof Error ? error.message : "unknown" });
  }
}

function changesOf({ calls, calibrations }: CalibrationSnapshot): readonly CalibrationChange[] {
  const last = calls.at(-1);
  if (last === undefined) return [];
  const before = new Map(calibrations.map((stored) => [stored.provider_model, stored]));
  const models = [...new Set(calls.map((call) => call.provider_model))];
  return models.map((model) =>
    toChange(
      before.get(model),
      calls.filter((call) => call.provider_model === model),
      { model, last },
    ),
  );
}

interface Target {
  readonly model: string;
  readonly last: LedgerPlace;
}

/** All models get the run's last place, so that the latest of theirs is where the next run begins. */
function toChange(
  before: CalibrationSnapshot["calibrations"][number] | undefined,
  calls: readonly CountedCall[],
  { model, last }: Target,
): CalibrationChange {
  const observations = calls.flatMap((call) => toObservation(call.tokens_by_part, call.prompt_tokens) ?? []);
  const { ratios, covariance } = calibrate(toCalibration(before?.ratios, before?.covariance), observations);
  return {
    provider_model: model,
    ratios,
    covariance,
    observed_at: last.at,
    observed_id: last.id,
    observed_id_before: before?.observed_id ?? null,
  };
}
