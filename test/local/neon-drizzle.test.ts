import { neon, neonConfig } from "@neondatabase/serverless";
import { eq, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/neon-http";
import { bigint, boolean, jsonb, pgTable, text, timestamp, uuid } from "drizzle-orm/pg-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TestDatabase } from "../support/database.ts";
import { databaseKinds } from "../support/database-kinds.ts";
import { errorOf } from "../support/error-of.ts";

neonConfig.fetchEndpoint = (host, port) => `http://${host}:${port}/sql`;

const notes = pgTable("notes", {
  id: uuid().primaryKey(),
  title: text().notNull(),
  units: bigint({ mode: "bigint" }).notNull(),
  isPinned: boolean("is_pinned").notNull().default(false),
  body: jsonb().$type<{ readonly words: readonly string[] }>(),
  at: timestamp({ withTimezone: true }).notNull(),
});

const first = {
  id: "01890a5d-ac96-774b-bcce-b302099a8057",
  title: "first",
  units: 9_007_199_254_740_993n,
  isPinned: true,
  body: { words: ["it's", 'a "word"', "ünïcode ✓"] },
  at: new Date("2026-01-02T03:04:05.678Z"),
};

for (const { title, isMissing, open } of databaseKinds) {
  describe.skipIf(isMissing)(`drizzle's neon-http over ${title}`, () => {
    let database: TestDatabase;
    let orm: ReturnType<typeof connect>;

    beforeAll(async () => {
      database = await open({ migrationsFolder: "/nonexistent/migrations" });
      orm = connect(database.connectionString);
      await orm.execute(sql`create table notes (id uuid primary key, title text not null, units bigint not null,
        is_pinned boolean not null default false, body jsonb, at timestamptz not null)`);
    });
    afterAll(() => database.stop());

    it("reads back exactly what it wrote", async () => {
      expect(await orm.insert(notes).values(first).returning()).toEqual([first]);
      expect(await orm.select().from(notes).where(eq(notes.units, first.units))).toEqual([first]);
      expect(await orm.query.notes.findFirst()).toEqual(first);
    });

    it("runs db.batch as one round trip and one transaction, each result mapped by its own query", async () => {
      database.neon.resetStats();
      const second = { ...first, id: "01890a5d-ac96-774b-bcce-b302099a8058", title: "second", body: null };
      const [inserted, updated, found] = await orm.batch([
        orm.insert(notes).values(second).returning({ id: notes.id }),
        orm.update(notes).set({ title: "renamed" }).where(eq(notes.id, second.id)),
        orm.select({ title: notes.title, units: notes.units }).from(notes).where(eq(notes.id, second.id)),
      ]);
      expect(database.neon.stats()).toEqual({ requests: 1, statements: 3 });
      expect(inserted).toEqual([{ id: second.id }]);
      expect(updated.rowCount).toBe(1);
      expect(found).toEqual([{ title: "renamed", units: second.units }]);
    });

    it("keeps nothing of a batch that fails", async () => {
      const third = { ...first, id: "01890a5d-ac96-774b-bcce-b302099a8059" };
      const failure = await errorOf(orm.batch([orm.insert(notes).values(third), orm.insert(notes).values(first)]));
      expect(failure).toMatchObject({ code: "23505", constraint: "notes_pkey" });
      expect(await orm.select().from(notes).where(eq(notes.id, third.id))).toEqual([]);
    });
  });
}

function connect(connectionString: string) {
  return drizzle(neon(connectionString), { schema: { notes } });
}
