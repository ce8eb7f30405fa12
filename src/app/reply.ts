/** An answer as data; the HTTP room turns it into a response and adds nothing that a replay would miss. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

type Headers = Readonly<Record<string, string>>;

export function json(status: number, body: unknown, headers: Headers = {}): Reply {
  return { status, headers, body: JSON.stringify(body) };
}

export const noContent: Reply = { status: 204, headers: {}, body: null };
