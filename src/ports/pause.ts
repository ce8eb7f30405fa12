export type Pause = (milliseconds: number) => Promise<void>;
