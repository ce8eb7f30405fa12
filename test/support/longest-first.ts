import { relative } from "node:path";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** What waits for minutes begins first, or a clean clone, which knows no durations yet, ends with a single worker at it. */
const longest = [
  "test/journey/docs",
  "test/journey/",
  "test/worker/",
  "test/chaos/",
  "test/graph/saver",
  "test/engine/",
  "test/http/",
];

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.toSorted((one, other) => rankOf(one) - rankOf(other));
  }
}

function rankOf({ moduleId, project }: TestSpecification): number {
  const path = relative(project.vitest.config.root, moduleId);
  const rank = longest.findIndex((start) => path.startsWith(start));
  return rank === -1 ? longest.length : rank;
}
