export interface SweptBatch {
  readonly messages: number;
  readonly most: number;
  readonly isPublished: boolean;
  readonly elapsedMs: number;
  readonly budgetMs: number;
}

/** A batch that is not full was the last that is due; a queue that takes none will take no further one now. */
export function shouldSweepOn({ messages, most, isPublished, elapsedMs, budgetMs }: SweptBatch): boolean {
  return isPublished && messages >= most && elapsedMs < budgetMs;
}
