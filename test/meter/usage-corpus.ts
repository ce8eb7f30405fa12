import { abortedShapes } from "./aborted-shapes.ts";
import { dialectShapes } from "./dialect-shapes.ts";
import { figureShapes } from "./figure-shapes.ts";
import { lineShapes } from "./line-shapes.ts";
import { missingShapes } from "./missing-shapes.ts";
import { providerShapes } from "./provider-shapes.ts";
import { streamShapes } from "./stream-shapes.ts";
import type { UsageShape } from "./usage-shape.ts";

export const usageCorpus: readonly UsageShape[] = [
  ...providerShapes,
  ...dialectShapes,
  ...streamShapes,
  ...lineShapes,
  ...missingShapes,
  ...abortedShapes,
  ...figureShapes,
];
