import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadOpenApi, OPENAPI_PAGE, openApiPage } from "./openapi-page.ts";
import { root } from "./tree.ts";

writeFileSync(join(root, OPENAPI_PAGE), openApiPage(await loadOpenApi()));
console.log(`${OPENAPI_PAGE} written`);
