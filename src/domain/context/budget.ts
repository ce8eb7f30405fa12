export interface ContextBudget {
  readonly modelLimit: number;
  readonly outputReserve: number;
  readonly overheadReserve: number;
  readonly inputBudget: number;
}

export interface ContextLimits {
  readonly modelLimit: number;
  readonly maxOutput: number;
}

const minModelLimit = 2048;
const minOverheadReserve = 1024;

// A fifth and a twentieth, divided rather than multiplied by 0.20 and 0.05, so that whole results stay whole.
export function contextBudget(limits: ContextLimits): ContextBudget {
  const modelLimit = Math.max(limits.modelLimit, minModelLimit);
  const outputReserve = Math.min(limits.maxOutput, Math.floor(modelLimit / 5));
  const overheadReserve = Math.max(minOverheadReserve, Math.floor(modelLimit / 20));
  return { modelLimit, outputReserve, overheadReserve, inputBudget: modelLimit - outputReserve - overheadReserve };
}

/** The fallback when nothing better is known. */
export function estimateTokens(text: string): number {
  return Math.max(1, Math.ceil((text.length / 4) * 1.25));
}
