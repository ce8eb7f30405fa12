import { isIPv4 } from "node:net";

/** What every name resolves to unless it says otherwise: an address of example.com. */
const publicAddress = "93.184.215.14";

export type Records = Readonly<Record<string, readonly string[]>>;
export type RecordType = "A" | "AAAA";

export interface DnsRecord {
  readonly name: string;
  readonly type: number;
  readonly TTL: number;
  readonly data: string;
}

const typeNumbers: Readonly<Record<RecordType, number>> = { A: 1, AAAA: 28 };
const aliasType = 5;
const longestChain = 8;

/** The records of a name, through its aliases; null where there is no such name. */
export function lookUp(name: string, type: RecordType, records: Records): readonly DnsRecord[] | null {
  const chain: DnsRecord[] = [];
  let current = name.toLowerCase().replace(/\.$/, "");
  for (let hops = 0; hops < longestChain; hops += 1) {
    const values = records[current] ?? embedded(current);
    const alias = values.find((value) => /[a-z]/i.test(value) && !value.includes(":"));
    if (alias === undefined) return values.length === 0 && hops === 0 ? null : [...chain, ...addresses(current)];
    chain.push({ name: current, type: aliasType, TTL: 60, data: alias });
    current = alias.toLowerCase();
  }
  return chain;

  function addresses(owner: string): readonly DnsRecord[] {
    const values = records[owner] ?? embedded(owner);
    return values
      .filter((value) => isIPv4(value) === (type === "A"))
      .map((data) => ({ name: owner, type: typeNumbers[type], TTL: 60, data }));
  }
}

/** As nip.io and sslip.io do: 10.0.0.1.nip.io is 10.0.0.1, and so is 10-0-0-1.sslip.io. */
function embedded(name: string): readonly string[] {
  const found = /(?:^|[.-])(\d{1,3})[.-](\d{1,3})[.-](\d{1,3})[.-](\d{1,3})\.(?:nip|sslip)\.io$/.exec(name);
  const address = found?.slice(1).join(".") ?? "";
  return [isIPv4(address) ? address : publicAddress];
}
