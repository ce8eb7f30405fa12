import { type Room, roomPattern, rooms, TEST_PACKAGES } from "./rooms.ts";

const TESTS = "\\.test\\.tsx?$";
const PRODUCT = "^(src|functions)/";
const NPM_TYPES = ["npm", "npm-dev", "npm-optional", "npm-peer", "npm-bundled", "npm-no-pkg", "npm-unknown"];
const IO_PACKAGES = "node_modules/(hono|drizzle-orm|@upstash|@neondatabase|@supabase|@langchain)/";

interface Condition {
  readonly path?: string | readonly string[];
  readonly pathNot?: string | readonly string[];
  readonly orphan?: boolean;
  readonly circular?: boolean;
  readonly reachable?: boolean;
  readonly couldNotResolve?: boolean;
  readonly dependencyTypes?: readonly string[];
  readonly dependencyTypesNot?: readonly string[];
}

export interface Rule {
  readonly name: string;
  readonly severity: "error";
  readonly comment: string;
  readonly from: Condition;
  readonly to: Condition;
}

export function createRules(): readonly Rule[] {
  return [...houseRules(), ...rooms.flatMap(rulesOfRoom)];
}

function rule(name: string, comment: string, from: Condition, to: Condition): Rule {
  return { name, severity: "error", comment, from, to };
}

function houseRules(): readonly Rule[] {
  return [
    rule("no-circular", "A cycle has no direction.", {}, { circular: true }),
    rule("no-unresolvable", "The import leads nowhere.", {}, { couldNotResolve: true }),
    rule(
      "no-orphans",
      "Nothing uses it and it uses nothing.",
      { orphan: true, path: PRODUCT, pathNot: [TESTS, "\\.d\\.ts$"] },
      {},
    ),
    rule("no-import-of-a-test", "A test is an end, not a part.", {}, { path: TESTS }),
    rule(
      "product-not-to-test",
      "Fakes never ship.",
      { path: PRODUCT, pathNot: [TESTS, "^src/local/"] },
      { path: "^test/" },
    ),
    rule(
      "product-not-to-local",
      "The Worker has no local mode.",
      { path: PRODUCT, pathNot: [TESTS, "^src/local/"] },
      { path: "^src/local/" },
    ),
    rule(
      "no-node-builtins",
      "The product runs on workerd.",
      { path: PRODUCT, pathNot: "^src/local/" },
      { dependencyTypes: ["core"] },
    ),
    rule(
      "entrypoints-are-islands",
      "Only worker.ts opens the other entrypoints.",
      { path: "^functions/", pathNot: ["^functions/worker\\.ts$", TESTS] },
      { path: "^functions/" },
    ),
    rule(
      "adapters-are-islands",
      "An adapter never knows a sibling; compose.ts joins them.",
      { path: "^src/adapters/([^/]+)/" },
      { path: "^src/adapters/", pathNot: "^src/adapters/$1/" },
    ),
    rule(
      "pure-never-reaches-io",
      "The pure rooms reach no I/O, however long the way.",
      { path: "^src/(domain|contract)/", pathNot: TESTS },
      { path: `^src/(adapters|http|app|graph|compose|local)|^functions/|${IO_PACKAGES}`, reachable: true },
    ),
  ];
}

function rulesOfRoom(room: Room): readonly Rule[] {
  return [...mapRules(room), ...typeRules(room), ...packageRules(room)];
}

function mapRules(room: Room): readonly Rule[] {
  const may = [room.path, ...room.rooms].map(roomPattern);
  return [
    rule(
      `map:${room.path}`,
      `${room.path} may import ${room.rooms.join(", ") || "no other room"}.`,
      { path: roomPattern(room.path) },
      { path: PRODUCT, pathNot: [...may, "^src/local/", TESTS] },
    ),
  ];
}

function typeRules(room: Room): readonly Rule[] {
  return (room.typesOf ?? []).map((other) =>
    rule(
      `types-only:${room.path}`,
      `${room.path} may import only types from ${other}.`,
      { path: roomPattern(room.path), pathNot: TESTS },
      { path: roomPattern(other), dependencyTypesNot: ["type-only"] },
    ),
  );
}

function packageRules(room: Room): readonly Rule[] {
  if (room.packages === "any") return [];
  const from = roomPattern(room.path);
  return [
    packageRule(`packages:${room.path}`, room.packages, { path: from, pathNot: TESTS }),
    packageRule(`test-packages:${room.path}`, [...room.packages, ...TEST_PACKAGES], {
      path: `^${room.path}/.*${TESTS}`,
    }),
  ];
}

function packageRule(name: string, packages: readonly string[], from: Condition): Rule {
  const allowed = packages.map((npmName) => `(^|/)node_modules/${npmName}(/|$)`);
  const to = { dependencyTypes: NPM_TYPES, ...(allowed.length > 0 ? { pathNot: allowed } : {}) };
  return rule(name, `Allowed packages: ${packages.join(", ") || "none"}.`, from, to);
}
