import type { CalibrationSnapshot } from "../../../ports/calibrations.ts";
import type { Answer } from "./parse-answer.ts";
import { anything, count, list, object, text } from "./shape.ts";

export const calibrationAnswer: Answer<CalibrationSnapshot> = {
  from: "the calls that nobody has learnt from",
  shape: object({
    calls: list(object({ at: text, id: text, provider_model: text, prompt_tokens: count, tokens_by_part: anything })),
    calibrations: list(object({ provider_model: text, ratios: anything, covariance: anything, observed_id: text })),
  }),
};

export const keptAnswer: Answer<number> = { from: "the calibrations that were kept", shape: count };
