import { BlockList } from "node:net";
import { describe, expect, it } from "vitest";
import { isPublicAddress } from "../../src/domain/webhook/public-address.ts";
import { createChance } from "../http/fuzz/chance.ts";

/** IANA's registries as Node's own block list reads them, written down apart from ours. */
const blocks = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["168.63.129.16", 32],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.31.196.0", 24],
  ["192.52.193.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["192.175.48.0", 24],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 3],
  ["::", 3],
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["2620:4f:8000::", 48],
  ["3fff::", 20],
  ["4000::", 2],
  ["8000::", 1],
] as const;

const familyOf = (text: string) => (text.includes(":") ? "ipv6" : "ipv4");
// Apart, because Node also holds an IPv4 address against the blocks of IPv6, as a mapped one.
const special = { ipv4: new BlockList(), ipv6: new BlockList() };
for (const [network, prefix] of blocks) special[familyOf(network)].addSubnet(network, prefix, familyOf(network));

const v4 = (value: number) => [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join(".");
const v6 = (groups: readonly number[]) => groups.map((group) => group.toString(16)).join(":");

function expectAgreement(address: string): void {
  expect([address, isPublicAddress(address)]).toEqual([
    address,
    !special[familyOf(address)].check(address, familyOf(address)),
  ]);
}

describe("public addresses", () => {
  it("are the same for us and Node's block list at every edge of every IPv4 block", () => {
    for (const [network, prefix] of blocks.filter(([name]) => familyOf(name) === "ipv4")) {
      const first = network.split(".").reduce((value, part) => value * 256 + Number(part), 0);
      const last = first + 2 ** (32 - prefix) - 1;
      for (const value of [first - 1, first, last, last + 1]) expectAgreement(v4(value >>> 0));
    }
  });

  it("are the same for 20,000 random addresses, most of them near a block", () => {
    const chance = createChance(5);
    const heads = [0x2001, 0x2002, 0x2620, 0x3fff, 0xfe80, 0xfc00, 0x64, 0, 0xff02, 0x2606] as const;
    const seconds = [0, 1, 0x1ff, 0x200, 0xdb8, 0xdb9, 0x4f, 0xfff, 0x1000, 0xff9b] as const;
    let open = 0;
    for (let index = 0; index < 10_000; index += 1) {
      const head = chance.isLucky(0.7) ? chance.pick(heads) : chance.below(65_536);
      const second = chance.isLucky(0.7) ? chance.pick(seconds) : chance.below(65_536);
      const rest = Array.from({ length: 6 }, () => (chance.isLucky(0.3) ? 0 : chance.below(65_536)));
      const random = [v6([head, second, ...rest]), v4(chance.below(2 ** 32))];
      for (const address of random) {
        expectAgreement(address);
        if (isPublicAddress(address)) open += 1;
      }
    }
    expect(open).toBeGreaterThan(5_000);
  });
});
