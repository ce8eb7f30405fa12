import type { Room } from "./rooms.ts";

const head = `# The layers

Made from \`test/laws/rooms.ts\` by \`npm run pages\`. What is not listed here is refused by \`npm run verify\`.

| Layer | May import | Packages |
|---|---|---|
`;

/** The table of imports as a page: one line a layer. */
export function housePage(rooms: readonly Room[]): string {
  return `${head}${rooms.map(toLine).join("\n")}\n`;
}

function toLine({ path, rooms, typesOf = [], packages }: Room): string {
  const imports = rooms.map((room) => (typesOf.includes(room) ? `${room} (types)` : room));
  const names =
    packages === "any"
      ? ["any"]
      : packages.map((name) => name.replace("(?!node-server/)[^/]+", "*").replace("[^/]+", "*"));
  return `| ${path} | ${listed(imports)} | ${listed(names)} |`;
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? "nothing" : names.join(", ");
}
