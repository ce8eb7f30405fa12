import type * as z from "zod";
import type { Scope } from "../contract/api-keys.ts";
import type { Caller } from "../ports/caller.ts";
import type { IdempotencyKey } from "../ports/idempotency.ts";
import type { Ports } from "../ports/ports.ts";
import type { OpenApi } from "./openapi-types.ts";
import type { Render } from "./render.ts";
import type { Rendered } from "./rendered.ts";

export type Method = "get" | "post" | "put" | "patch" | "delete";

/** Who may call: anyone, a user or a key with the scope, a signed-in user only, or one whom the operator named. */
export type Access =
  | { readonly kind: "public" }
  | { readonly kind: "scope"; readonly scope: Scope | null }
  | { readonly kind: "user" }
  | { readonly kind: "admin" };

export interface Call<Params, Query, Body> {
  readonly ports: Ports;
  readonly service: ServiceInfo;
  readonly caller: Caller;
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly key: IdempotencyKey | null;
  readonly header: (name: string) => string | undefined;
}

export interface ServiceInfo {
  readonly version: string;
  readonly commit: string;
  readonly environment: string;
  readonly openApi: () => OpenApi;
}

export interface Answer {
  readonly description: string;
  readonly schema?: z.ZodType;
  readonly mediaType?: string;
  readonly headers?: readonly string[];
  /** For a client that prefers it: the same rows, with the next page in the Link header; or a stream. */
  readonly alsoAs?: "text/csv" | "text/event-stream";
}

interface Spec<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, V> {
  readonly method: Method;
  /** Hono style, below /api/v1. */
  readonly path: string;
  readonly operationId: string;
  readonly summary: string;
  readonly tag: string;
  readonly access: Access;
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  /** Nothing at all is taken for an empty object. */
  readonly isBodyOptional?: boolean;
  /** Takes an Idempotency-Key. */
  readonly isCreate?: boolean;
  /** Its own limits are rows in Postgres, so it stays open when requests cannot be counted. */
  readonly isGuardedByRows?: boolean;
  /** Changes nothing, though it takes a body. */
  readonly isRead?: boolean;
  readonly requestHeaders?: readonly string[];
  readonly answers: Readonly<Record<number, Answer>>;
  /** Answers a value of the product, which knows nothing of HTTP. */
  readonly handle: (call: Call<z.output<P>, z.output<Q>, z.output<B>>) => Promise<V>;
  readonly render: Render<V, z.output<Q>>;
}

export interface Route extends Omit<Spec<z.ZodType, z.ZodType, z.ZodType, unknown>, "handle" | "render"> {
  readonly answer: (call: Call<unknown, unknown, unknown>) => Promise<Rendered>;
}

export function defineRoute<
  V,
  P extends z.ZodType = z.ZodUndefined,
  Q extends z.ZodType = z.ZodUndefined,
  B extends z.ZodType = z.ZodUndefined,
>({ handle, render, ...row }: Spec<P, Q, B, V>): Route {
  return {
    ...row,
    async answer(call) {
      const valid = asValid<Call<z.output<P>, z.output<Q>, z.output<B>>>(call);
      return render(await handle(valid), valid);
    },
  };
}

/** The registrar validates with the very schemas of the spec before it calls, so what arrives is what they put out. */
function asValid<C>(call: Call<unknown, unknown, unknown>): C {
  return call as C;
}
