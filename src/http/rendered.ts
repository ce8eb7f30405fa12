/** An answer as data, before it is a response. */
export interface Rendered {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string | ReadableStream<Uint8Array> | null;
}

type Headers = Readonly<Record<string, string>>;

export function json(status: number, value: unknown, headers: Headers = {}): Rendered {
  return { status, headers, body: JSON.stringify(value) };
}
