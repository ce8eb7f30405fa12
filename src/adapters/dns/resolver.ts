import * as z from "zod";
import type { Resolution, Resolver } from "../../ports/resolver.ts";

export interface ResolverConfig {
  /** DNS over HTTPS in JSON. */
  readonly dnsUrl: string;
  readonly timeoutMs: number;
  /** Stands in for the global one, to see what is asked. */
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>;
}

const maxAnswerBytes = 65_536;
const typeNumbers = { A: 1, AAAA: 28 } as const;
type RecordType = keyof typeof typeNumbers;

const ok = 0;
const noSuchName = 3;

const DnsAnswer = z.object({
  Status: z.int(),
  /** The answer was too long and is not whole. */
  TC: z.boolean().default(false),
  Answer: z.array(z.object({ type: z.int(), data: z.string() })).default([]),
});

/** The server follows CNAMEs; both questions must be answered well, or nothing is known. */
export function createResolver(config: ResolverConfig): Resolver {
  return {
    async resolve(host) {
      try {
        const found = await Promise.all([ask(config, host, "A"), ask(config, host, "AAAA")]);
        const addresses = found.flat();
        return addresses.length === 0 ? failed(`${host} has no address`) : { kind: "found", addresses };
      } catch (error) {
        return failed(error instanceof DnsError ? error.message : `the DNS server did not answer for ${host}`);
      }
    },
  };
}

class DnsError extends Error {
  override readonly name = "DnsError";
}

async function ask(config: ResolverConfig, host: string, type: RecordType): Promise<readonly string[]> {
  const url = `${config.dnsUrl}?name=${encodeURIComponent(host)}&type=${type}`;
  const send = config.fetch ?? ((address, init) => fetch(address, init));
  const response = await send(url, {
    headers: { accept: "application/dns-json" },
    redirect: "manual",
    signal: AbortSignal.timeout(config.timeoutMs),
  });
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new DnsError(`the DNS server answered ${response.status} for ${host}`);
  }
  return addressesIn(await readText(response, host), host, type);
}

function addressesIn(text: string, host: string, type: RecordType): readonly string[] {
  const parsed = DnsAnswer.safeParse(parseJson(text));
  if (!parsed.success || parsed.data.TC) throw new DnsError(`the DNS server did not answer well for ${host}`);
  const { Status: status, Answer: records } = parsed.data;
  if (status === noSuchName) throw new DnsError(`there is no ${host}`);
  if (status !== ok) throw new DnsError(`the DNS server failed for ${host} with code ${status}`);
  return records.filter((record) => record.type === typeNumbers[type]).map(({ data }) => data);
}

async function readText(response: Response, host: string): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of chunksOf(response)) {
    bytes += chunk.length;
    if (bytes > maxAnswerBytes) throw new DnsError(`the DNS server's answer for ${host} is too long`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

async function* chunksOf({ body }: Response): AsyncGenerator<Uint8Array> {
  const reader = body?.getReader();
  if (reader === undefined) return;
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function failed(reason: string): Resolution {
  return { kind: "failed", reason };
}
