import type { Message } from "./message.ts";

const defaultCount = 100;

/** The filters the list and bulk routes share: any value within a name, all of the names. */
export function createMessageFilter(query: URLSearchParams): (message: Message, at: number) => boolean {
  const tests = Object.entries(fieldReaders).flatMap(([name, read]) => {
    const wanted = query.getAll(name);
    return wanted.length === 0 ? [] : [(message: Message) => read(message).some((value) => wanted.includes(value))];
  });
  const from = Number(query.get("fromDate") ?? 0);
  const to = Number(query.get("toDate") ?? Number.POSITIVE_INFINITY);
  return (message, at) => at >= from && at <= to && tests.every((test) => test(message));
}

const fieldReaders: Readonly<Record<string, (message: Message) => readonly string[]>> = {
  messageId: ({ messageId }) => [messageId],
  messageIds: ({ messageId }) => [messageId],
  url: ({ url }) => [url],
  host: ({ url }) => [new URL(url).host, new URL(url).hostname],
  path: ({ url }) => [new URL(url).pathname],
  label: ({ labels }) => labels,
  flowControlKey: ({ flowControl }) => given(flowControl?.key),
  callerIp: () => ["127.0.0.1"],
};

export interface Page<Item> {
  readonly items: readonly Item[];
  readonly cursor?: string;
}

/** The cursor is the id of the last item of the page before. */
export function paginate<Item>(
  items: readonly Item[],
  query: URLSearchParams,
  idOf: (item: Item) => string,
): Page<Item> {
  const cursor = query.get("cursor");
  const start = cursor === null || cursor === "" ? 0 : items.findIndex((item) => idOf(item) === cursor) + 1;
  const page = items.slice(start, start + Number(query.get("count") ?? defaultCount));
  const last = page.at(-1);
  return last !== undefined && start + page.length < items.length
    ? { items: page, cursor: idOf(last) }
    : { items: page };
}

function given(value: string | undefined): readonly string[] {
  return value === undefined ? [] : [value];
}
