import { bigint, integer, timestamp, uuid } from "drizzle-orm/pg-core";

export const instant = (name: string) => timestamp(name, { withTimezone: true, mode: "string" });
export const createdAt = () => instant("created_at").notNull().defaultNow();
export const updatedAt = () => instant("updated_at").notNull().defaultNow();
export const deletedAt = () => instant("deleted_at");
export const ownerId = () => uuid("owner_id").notNull();
export const version = () => integer("version").notNull().default(1);
/** Credits in exact integers: 1 credit = 1e9 units. */
export const creditUnits = (name: string) => bigint(name, { mode: "bigint" });
