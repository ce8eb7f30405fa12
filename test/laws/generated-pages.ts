import { errorCodes } from "../../src/contract/errors.ts";
import { buildOpenApi } from "../../src/http/openapi.ts";
import { describeProblem } from "../../src/http/problems.ts";
import { errorsPage } from "./errors-page.ts";
import { housePage } from "./house-page.ts";
import { rooms } from "./rooms.ts";

export interface GeneratedPage {
  readonly path: string;
  readonly build: () => string;
}

/** The pages that nobody writes by hand; `npm run pages` writes them, and verify holds them to their source. */
export const generatedPages: readonly GeneratedPage[] = [
  { path: "docs/openapi.json", build: () => `${JSON.stringify(buildOpenApi(), null, 2)}\n` },
  { path: "docs/map.md", build: () => housePage(rooms) },
  { path: "docs/errors.md", build: () => errorsPage(errorCodes.map(describeProblem)) },
];
