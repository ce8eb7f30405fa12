import { openPglite } from "../../src/local/postgres/pglite.ts";

const [dataDir = ""] = process.argv.slice(2);
const backend = await openPglite({ dataDir });

for (let id = 1; ; id += 1) {
  await backend.run({ sql: "insert into items values ($1)", params: [String(id)] });
  console.log(id);
}
