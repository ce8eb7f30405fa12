import { isRecord } from "../../../domain/text/record.ts";

/** Answers with the path of the first value of another shape, "" for the whole, or with null where all fits. */
export interface Shape<out T> {
  (value: unknown): string | null;
  /** Carries the type; no shape has it. */
  readonly of?: () => T;
}

export type Of<S> = S extends Shape<infer T> ? T : never;
type Shapes = Readonly<Record<string, Shape<unknown>>>;

export const anything: Shape<unknown> = () => null;
export const text: Shape<string> = (value) => (typeof value === "string" ? null : "");
export const count: Shape<number> = (value) => (typeof value === "number" ? null : "");
export const flag: Shape<boolean> = (value) => (typeof value === "boolean" ? null : "");
export const record: Shape<Readonly<Record<string, unknown>>> = (value) => (isRecord(value) ? null : "");

export function nullable<T>(shape: Shape<T>): Shape<T | null> {
  return (value) => (value === null ? null : shape(value));
}

export function oneOf<const T extends string>(names: readonly T[]): Shape<T> {
  const known = new Set<unknown>(names);
  return (value) => (known.has(value) ? null : "");
}

/** The keys of a record, which the compiler wants whole. */
export function oneKeyOf<const K extends string>(names: Readonly<Record<K, true>>): Shape<K> {
  const known = new Set<unknown>(Object.keys(names));
  return (value) => (known.has(value) ? null : "");
}

export function list<T>(shape: Shape<T>): Shape<readonly T[]> {
  return (value) => {
    if (!Array.isArray(value)) return "";
    let index = 0;
    for (const item of value) {
      const wrong = shape(item);
      if (wrong !== null) return `/${index}${wrong}`;
      index += 1;
    }
    return null;
  };
}

type Fields<F extends Shapes> = { readonly [K in keyof F]: Of<F[K]> };

/** Fields that it does not name are left as they are; those of `whereThere` may be missing. */
export function object<const F extends Shapes, const O extends Shapes = Record<never, never>>(
  fields: F,
  whereThere?: O,
): Shape<Fields<F> & Partial<Fields<O>>> {
  const named = [...Object.entries(fields), ...Object.entries(whereThere ?? {}).map(unlessMissing)];
  return (value) => {
    if (!isRecord(value)) return "";
    for (const [name, shape] of named) {
      const wrong = shape(value[name]);
      if (wrong !== null) return `/${name}${wrong}`;
    }
    return null;
  };
}

function unlessMissing([name, shape]: readonly [string, Shape<unknown>]): [string, Shape<unknown>] {
  return [name, (value) => (value === undefined ? null : shape(value))];
}

type OfKinds<F extends Shapes> = { readonly [K in keyof F]: { readonly kind: K } & Of<F[K]> }[keyof F];

/** One of several, told apart by their `kind`. */
export function byKind<const F extends Shapes>(shapes: F): Shape<OfKinds<F>> {
  const known = new Map<unknown, Shape<unknown>>(Object.entries(shapes));
  return (value) => {
    if (!isRecord(value)) return "";
    const shape = known.get(value.kind);
    return shape === undefined ? "/kind" : shape(value);
  };
}

/** What we wrote ourselves, perhaps in a version that knew fewer fields, is known by some of them. */
export function recognised<T>(known: Shape<Partial<T>>): Shape<T> {
  return (value) => known(value);
}

/** The part of zod that a shape needs; the value itself goes on, not what the schema makes of it. */
interface Schema<T> {
  safeParse(
    value: unknown,
  ):
    | { readonly success: true; readonly data: T }
    | { readonly success: false; readonly error: { readonly issues: readonly Issue[] } };
}

interface Issue {
  readonly path: readonly PropertyKey[];
}

/** For what is small: a schema costs far more than a shape. */
export function fitting<T>(schema: Schema<T>): Shape<T> {
  return (value) => {
    const parsed = schema.safeParse(value);
    if (parsed.success) return null;
    return (parsed.error.issues[0]?.path ?? []).map((name) => `/${String(name)}`).join("");
  };
}
