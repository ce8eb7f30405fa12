import type { BatchItem } from "drizzle-orm/batch";

export type Item = BatchItem<"pg">;
export type Results<T extends readonly Item[]> = { readonly [K in keyof T]: Awaited<T[K]> };

// drizzle wants a tuple that is seen not to be empty; ours begins with the items that name role and user.
export function asBatch(items: readonly Item[]): [Item, ...Item[]] {
  return items as unknown as [Item, ...Item[]];
}

// drizzle types a batch by its literal tuple; ours is the caller's items behind a fixed prefix, in the same order.
export function afterFirst<T extends readonly Item[]>(results: readonly unknown[], count: number): Results<T> {
  return results.slice(count) as unknown as Results<T>;
}
