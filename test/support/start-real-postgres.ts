import { startRealPostgres } from "./real-postgres.ts";

const postgres = await startRealPostgres();
console.log(postgres?.url);
setInterval(() => undefined, 60_000);
