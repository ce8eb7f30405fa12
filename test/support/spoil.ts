/** A value with one thing wrong in it, and where. */
export interface Spoilt {
  readonly path: string;
  readonly value: unknown;
}

/** What no answer holds, so that an error that shows it shows a value. */
export const foreign = "a value of another shape";

/** Each way to spoil one place of a JSON value: every field left out once, and everything in it of another type once. */
export function spoil(value: unknown): readonly Spoilt[] {
  return [{ path: "", value: otherThan(value) }, ...spoilInside(value)];
}

function spoilInside(value: unknown): readonly Spoilt[] {
  if (Array.isArray(value))
    return value.flatMap((item, index) =>
      spoil(item).map((spoilt) => within(spoilt, index, value.with(index, spoilt.value))),
    );
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, field]) => [
    { path: `/${name}`, value: { ...value, [name]: undefined } },
    ...spoil(field).map((spoilt) => within(spoilt, name, { ...value, [name]: spoilt.value })),
  ]);
}

function within({ path }: Spoilt, name: string | number, value: unknown): Spoilt {
  return { path: `/${name}${path}`, value };
}

function otherThan(value: unknown): unknown {
  return Array.isArray(value) ? foreign : [foreign];
}
