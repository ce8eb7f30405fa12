import { type SqlSource, toSource } from "./source.ts";

export const BREAKPOINT = "\n--> statement-breakpoint\n";

const MARKER = /^-- function: (\S+)\n/;
const END_MARKER = "-- end of functions\n";

/** What a role that owns nothing else of the schema needs in order to make its functions. */
function asOwner(owner: string): { readonly before: readonly string[]; readonly after: readonly string[] } {
  return {
    before: [`GRANT CREATE ON SCHEMA public TO ${owner};`, `SET LOCAL ROLE ${owner};`],
    after: ["RESET ROLE;", `REVOKE CREATE ON SCHEMA public FROM ${owner};`],
  };
}

/** A source as migrations carry it: marked, a statement a breakpoint, made by its owner. */
export function toBlock(source: SqlSource): string {
  const wrapped = source.owner === null ? { before: [], after: [] } : asOwner(source.owner);
  const statements = [...wrapped.before, ...source.statements, ...wrapped.after];
  return `-- function: ${source.path}\n${statements.join(BREAKPOINT)}`;
}

export function toDrop({ kind, name, parameters, owner }: SqlSource): string {
  const drop = `DROP ${kind} ${name}${kind === "VIEW" ? "" : `(${parameters})`};`;
  return owner === null ? drop : [`SET LOCAL ROLE ${owner};`, drop, "RESET ROLE;"].join(BREAKPOINT);
}

/** The sources that a migration declares, and its other statements, in their order. */
export function parseMigration(text: string): readonly (SqlSource | string)[] {
  const parts: (SqlSource | string)[] = [];
  let block: { readonly path: string; readonly statements: string[] } | null = null;
  const close = () => {
    if (block !== null) parts.push(toSource(block.path, withoutOwner(block.statements)));
    block = null;
  };
  for (const chunk of text.split("--> statement-breakpoint").map((piece) => piece.trim())) {
    const path = MARKER.exec(chunk)?.[1];
    if (path !== undefined || chunk.startsWith(END_MARKER)) close();
    if (path !== undefined) block = { path, statements: [chunk.replace(MARKER, "")] };
    else if (block === null) parts.push(chunk);
    else block.statements.push(chunk);
  }
  close();
  return parts.filter((part) => part !== "");
}

const WRAPPING = /^(?:GRANT|REVOKE) CREATE ON SCHEMA public (?:TO|FROM) \w+;$|^SET LOCAL ROLE \w+;$|^RESET ROLE;$/;

function withoutOwner(statements: readonly string[]): readonly string[] {
  return statements.filter((statement) => !WRAPPING.test(statement));
}
