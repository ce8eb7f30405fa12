import { PantheonError } from "../../../contract/errors.ts";
import { anything, list, type Shape } from "./shape.ts";

/** What a function or statement of the database answers. */
export interface Answer<T> {
  /** The function, or what the statement reads. */
  readonly from: string;
  readonly shape: Shape<T>;
}

/** The value itself, once its shape is known; an error names where it is wrong and never what stands there. */
export function parseAnswer<T>({ from, shape }: Answer<T>, value: unknown): T {
  if (fits(shape, value)) return value;
  throw new PantheonError("internal", `The database answered ${from} with another shape at ${shape(value) || "/"}.`);
}

function fits<T>(shape: Shape<T>, value: unknown): value is T {
  return shape(value) === null;
}

/** Rows of which each is parsed by a schema of the contract. */
export const pageAnswer: Answer<readonly unknown[]> = { from: "a page", shape: list(anything) };
