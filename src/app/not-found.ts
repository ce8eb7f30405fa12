import { PantheonError } from "../contract/errors.ts";

/** One sentence for what is missing, hidden or someone else's: the answers must not differ by a byte. */
export function notFound(): PantheonError {
  return new PantheonError("not_found", "There is nothing here.");
}

/** For a removal, which tells whether there was anything to remove. */
export function removed(wasThere: boolean): void {
  if (!wasThere) throw notFound();
}

export function found<T>(value: T | null): T {
  if (value === null) throw notFound();
  return value;
}
