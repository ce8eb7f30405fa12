import { PantheonError } from "../../contract/errors.ts";
import type { Log } from "../../ports/log.ts";
import type { Pause } from "../../ports/pause.ts";
import type { Committed, StepCommit, StepEngine } from "../../ports/steps.ts";

interface CommitPorts {
  readonly log: Log;
  readonly pause: Pause;
  readonly steps: Pick<StepEngine, "commit">;
}

const pausesMs = [100, 400, 1000];

/** The same commit with the same token until the database answers: one whose answer was lost finds itself done. */
export async function commitSurely({ log, pause, steps }: CommitPorts, commit: StepCommit): Promise<Committed> {
  for (let sent = 0; ; sent += 1) {
    try {
      return await steps.commit(commit);
    } catch (error) {
      const pauseMs = isPassing(error) ? pausesMs[sent] : undefined;
      if (pauseMs === undefined) {
        log.error("paid_call_not_committed", {
          turn_id: commit.turn,
          step_id: commit.step,
          calls: commit.calls.length,
        });
        throw error;
      }
      await pause(pauseMs);
    }
  }
}

function isPassing(error: unknown): boolean {
  return error instanceof PantheonError && error.code === "dependency_unavailable";
}
