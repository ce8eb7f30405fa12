import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { generatedPages } from "./generated-pages.ts";
import { root } from "./tree.ts";

for (const { path, build } of generatedPages) {
  writeFileSync(join(root, path), build());
  console.log(`${path} written`);
}
