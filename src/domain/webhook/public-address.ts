/**
 * Every block of IANA's special-purpose registries, whether or not a router would carry it: no webhook lives in one.
 * https://www.iana.org/assignments/iana-ipv4-special-registry and .../iana-ipv6-special-registry
 */
const specialBlocks = [
  "0.0.0.0/8", // this network
  "10.0.0.0/8", // private
  "100.64.0.0/10", // shared by carriers; some clouds keep their metadata here
  "127.0.0.0/8", // loopback
  "168.63.129.16/32", // in no registry: Azure's host speaks to its guests from here
  "169.254.0.0/16", // link-local; most clouds' metadata
  "172.16.0.0/12", // private
  "192.0.0.0/24", // protocol assignments
  "192.0.2.0/24", // documentation
  "192.31.196.0/24", // AS112
  "192.52.193.0/24", // automatic multicast tunnelling
  "192.88.99.0/24", // 6to4 relays
  "192.168.0.0/16", // private
  "192.175.48.0/24", // AS112
  "198.18.0.0/15", // benchmarks
  "198.51.100.0/24", // documentation
  "203.0.113.0/24", // documentation
  "224.0.0.0/4", // multicast
  "240.0.0.0/4", // reserved, and broadcast
  "2001::/23", // protocol assignments: Teredo, benchmarks, ORCHID
  "2001:db8::/32", // documentation
  "2002::/16", // 6to4: holds any IPv4 address
  "2620:4f:8000::/48", // AS112
  "3fff::/20", // documentation
];

/** All else of IPv6 (mapped, NAT64, unique local, link-local, multicast, …) lies outside the global unicast block. */
const globalUnicast = "2000::/3";

interface Block {
  readonly bits: 32 | 128;
  readonly value: bigint;
  readonly prefix: number;
}

const special: readonly Block[] = specialBlocks.map(readBlock);
const global: Block = readBlock(globalUnicast);

/** Whether an address that DNS gave is one of the public internet; what cannot be read is not. */
export function isPublicAddress(text: string): boolean {
  const address = readAddress(text);
  if (address === null) return false;
  if (address.bits === 128 && !contains(global, address)) return false;
  return !special.some((block) => contains(block, address));
}

interface Address {
  readonly bits: 32 | 128;
  readonly value: bigint;
}

function contains(block: Block, { bits, value }: Address): boolean {
  const shift = BigInt(block.bits - block.prefix);
  return bits === block.bits && value >> shift === block.value >> shift;
}

function readAddress(text: string): Address | null {
  const isV6 = text.includes(":");
  const value = isV6 ? readV6(text) : readV4(text);
  return value === null ? null : { bits: isV6 ? 128 : 32, value };
}

function readV4(text: string): bigint | null {
  const parts = text.split(".");
  const isWellFormed = parts.length === 4 && parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && +part < 256);
  return isWellFormed ? parts.reduce((value, part) => value * 256n + BigInt(part), 0n) : null;
}

function readV6(text: string): bigint | null {
  const plain = withoutDottedTail(text);
  if (plain === null) return null;
  const halves = plain.split("::");
  const [head = [], tail = []] = halves.map((half) => (half === "" ? [] : half.split(":")));
  const missing = 8 - head.length - tail.length;
  const isWhole = halves.length === 1 ? missing === 0 : halves.length === 2 && missing >= 1;
  if (!isWhole) return null;
  const groups = [...head, ...Array<string>(missing).fill("0"), ...tail];
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return null;
  return groups.reduce((value, group) => value * 65_536n + BigInt(`0x${group}`), 0n);
}

/** `::ffff:127.0.0.1` as `::ffff:7f00:1`. */
function withoutDottedTail(text: string): string | null {
  if (!text.includes(".")) return text;
  const at = text.lastIndexOf(":") + 1;
  const value = readV4(text.slice(at));
  if (value === null) return null;
  return `${text.slice(0, at)}${(value >> 16n).toString(16)}:${(value & 0xffffn).toString(16)}`;
}

function readBlock(text: string): Block {
  const [network = "", prefix = ""] = text.split("/");
  const address = readAddress(network);
  if (address === null) throw new Error(`${text} is no block of addresses`);
  return { ...address, prefix: Number(prefix) };
}
