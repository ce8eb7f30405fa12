import type { Pause } from "../../ports/pause.ts";

export const systemPause: Pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
