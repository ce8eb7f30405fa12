/** What a URL parser made of the text; the pure rooms have none of their own. */
export interface ParsedUrl {
  /** The whole of it, as it is kept and asked for. */
  readonly href: string;
  readonly protocol: string;
  readonly hostname: string;
  readonly port: string;
}

export const urlRefusals = {
  too_long: "must have at most 2048 characters",
  not_plain: "must be a URL in plain ASCII whose host is written as it is, with nothing encoded in it",
  not_https: "must begin with https://",
  userinfo: "must not hold a user name or password",
  fragment: "must not have a fragment",
  port: "must use port 443, or one from 1024 up",
  ip_address: "must name a host, not an IP address",
  host_name: "must name a host with at least two labels",
  refused_name: "names a host that is not on the public internet",
} as const;

export type UrlRefusal = keyof typeof urlRefusals;

export type CheckedUrl =
  | { readonly kind: "allowed"; readonly host: string; readonly isLoopback: boolean }
  | { readonly kind: "refused"; readonly reason: UrlRefusal };

export interface UrlRules {
  /** Only ever on a laptop: plain http to this machine, at any port. */
  readonly isLoopbackAllowed: boolean;
}

const maxUrlLength = 2048;
const maxHostLength = 253;
const loopbackHosts = new Set(["127.0.0.1", "localhost", "[::1]"]);

/** Names that resolve inside some network or nowhere: RFC 6761, 6762, 7686, 8375, 9476, and what ICANN keeps free. */
const refusedSuffixes = [
  "alt",
  "arpa",
  "corp",
  "home",
  "internal",
  "intranet",
  "invalid",
  "lan",
  "local",
  "localdomain",
  "localdomain6",
  "localhost",
  "mail",
  "onion",
  "private",
  "test",
];

const shape = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)([^#]*)(#.*)?$/is;
const label = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
/** The parser reads a host whose last label is such a number as an IPv4 address. */
const number = /^(?:\d+|0x[0-9a-f]*)$/;

/**
 * Whether a webhook may go to this address, as far as its text tells. A host must be spelled exactly as the parser
 * reads it: whatever the parser would turn into something else (octal, hex, full-width, encoded) is refused.
 */
export function checkUrl(text: string, parsed: ParsedUrl | null, rules: UrlRules): CheckedUrl {
  if (Math.max(text.length, parsed?.href.length ?? 0) > maxUrlLength) return refused("too_long");
  const [, scheme = "", authority = "", , fragment] = shape.exec(text) ?? [];
  if (parsed === null || scheme === "" || !/^[\x21-\x7e]+$/.test(text) || text.includes("\\")) {
    return refused("not_plain");
  }
  if (authority.includes("@")) return refused("userinfo");
  if (fragment !== undefined) return refused("fragment");
  const [host, port = ""] = splitPort(authority.toLowerCase());
  if (rules.isLoopbackAllowed && isLoopback(parsed, host)) return { kind: "allowed", host, isLoopback: true };
  if (parsed.protocol !== "https:") return refused("not_https");
  return checkHost(host, parsed) ?? checkPort(port, parsed) ?? { kind: "allowed", host, isLoopback: false };
}

function isLoopback({ protocol, hostname }: ParsedUrl, host: string): boolean {
  return (protocol === "http:" || protocol === "https:") && hostname === host && loopbackHosts.has(host);
}

function checkHost(host: string, { hostname }: ParsedUrl): CheckedUrl | null {
  const labels = host.split(".");
  const last = labels.at(-1) ?? "";
  if (host.includes("[") || isNumeric(hostname) || isNumeric(host)) return refused("ip_address");
  if (host !== hostname) return refused("not_plain");
  if (refusedSuffixes.includes(last === "" ? (labels.at(-2) ?? "") : last)) return refused("refused_name");
  const isName = labels.length >= 2 && host.length <= maxHostLength && labels.every((one) => label.test(one));
  return isName ? null : refused("host_name");
}

function isNumeric(host: string): boolean {
  const labels = host.replace(/\.$/, "").split(".");
  return number.test(labels.at(-1) ?? "") || host.startsWith("[");
}

function checkPort(port: string, parsed: ParsedUrl): CheckedUrl | null {
  const isPort = port === "" || port === "443" || (port === parsed.port && Number(port) >= 1024);
  return isPort ? null : refused("port");
}

function splitPort(authority: string): readonly [string, string?] {
  const [, host = authority, port] = /^(.*?)(?::([^:\]]*))?$/s.exec(authority) ?? [];
  return port === undefined ? [host] : [host, port];
}

function refused(reason: UrlRefusal): CheckedUrl {
  return { kind: "refused", reason };
}
