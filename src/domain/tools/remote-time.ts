const maxMs = 20_000;

interface StepTimes {
  readonly stepDeadlineSeconds: number;
  readonly modelTimeoutSeconds: number;
}

/**
 * How long a tool server may take to list its tools, and again for each call. Half of what a model call leaves, so that a run
 * in which a server hangs still has the time for what it came to do.
 */
export function remoteTimeoutMs({ stepDeadlineSeconds, modelTimeoutSeconds }: StepTimes): number {
  return Math.min(maxMs, (stepDeadlineSeconds - modelTimeoutSeconds) * 500);
}
