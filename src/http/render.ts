import type { Made } from "../app/idempotency.ts";
import { basePath } from "./base-path.ts";
import { json, type Rendered } from "./rendered.ts";

/** What a rendering may depend on beside the value: what the client said that it takes. */
export interface Asked<Q> {
  readonly header: (name: string) => string | undefined;
  readonly query: Q;
}

/** A pure function, so that a replayed value is rendered to the bytes of the first answer. */
export type Render<V, Q = unknown> = (value: V, asked: Asked<Q>) => Rendered;

type Headers = Rendered["headers"];

export const ok: Render<unknown> = (value) => json(200, value);

export const accepted: Render<unknown> = (value) => json(202, value);

/** The page of a list is what the store hands out; a list that has no pages is wrapped as one. */
export const listed: Render<readonly unknown[]> = (data) => json(200, { data });

export const noContent: Render<unknown> = () => ({ status: 204, headers: {}, body: null });

/** What was made, with the path below the base where it can be read. */
export function created<T>(pathOf: (value: T) => string, headersOf: (value: T) => Headers = () => ({})) {
  return ({ value, isReplayed }: Made<T>): Rendered =>
    json(201, value, { Location: basePath + pathOf(value), ...headersOf(value), ...replayedHeader(isReplayed) });
}

/** What was made and has no address of its own. */
export const made: Render<Made<unknown>> = ({ value, isReplayed }) => json(201, value, replayedHeader(isReplayed));

export function replayedHeader(isReplayed: boolean): Headers {
  return isReplayed ? { "Idempotent-Replayed": "true" } : {};
}
