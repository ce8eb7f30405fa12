import * as z from "zod";
import { CommonFaults } from "../fault-switches.ts";

/** What `fail_next` and `rate` do to a request. */
const Strike = z.enum(["error", "compute_gone", "reset", "drop_answer", "hang"]);

/** `down` cuts every connection; `drop_answer` commits first; `hang` and `compute_gone` run nothing. */
export const NeonFaults = CommonFaults.extend({
  strike: Strike.default("error"),
  drop_answer: z.int().min(0).default(0),
  hang: z.int().min(0).default(0),
  time_scale: z.number().positive().max(1_000_000).default(1),
});
export type NeonFaults = z.infer<typeof NeonFaults>;

export type Outcome = "answer" | z.infer<typeof Strike>;

export interface OutcomeDrawer {
  /** Every request asks once; the counted switches go before the seeded ones. */
  draw(faults: NeonFaults, strikes: () => boolean): Outcome;
  restart(faults: NeonFaults): void;
}

export function createOutcomeDrawer(): OutcomeDrawer {
  let left = { drop_answer: 0, hang: 0 };
  return {
    restart: ({ drop_answer, hang }) => {
      left = { drop_answer, hang };
    },
    draw(faults, strikes) {
      if (faults.down) return "reset";
      for (const name of ["hang", "drop_answer"] as const) {
        if (left[name] === 0) continue;
        left[name] -= 1;
        return name;
      }
      return strikes() ? faults.strike : "answer";
    },
  };
}
