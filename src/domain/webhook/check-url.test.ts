import { describe, expect, it } from "vitest";
import { checkUrl } from "./check-url.ts";

const strict = { isLoopbackAllowed: false };
const onLaptop = { isLoopbackAllowed: true };

function check(text: string, rules = strict) {
  return checkUrl(text, URL.parse(text), rules);
}

describe("an address that a webhook may go to", () => {
  it.each([
    ["https://example.com/hook", "example.com"],
    ["https://example.com", "example.com"],
    ["https://example.com?x=1&y=%2F..", "example.com"],
    ["https://example.com:/", "example.com"],
    ["https://example.com:443/", "example.com"],
    ["https://example.com:1024/", "example.com"],
    ["https://example.com:8443/hook", "example.com"],
    ["https://example.com:65535/", "example.com"],
    ["HTTPS://Hooks.Example.COM/Path", "hooks.example.com"],
    ["https://xn--bcher-kva.example/", "xn--bcher-kva.example"],
    ["https://a-b.c3.example.co.uk/~user/@me:x", "a-b.c3.example.co.uk"],
    ["https://1.example.com/", "1.example.com"],
    ["https://127.0.0.1.nip.io/", "127.0.0.1.nip.io"],
    ["https://0x7f.com/", "0x7f.com"],
    [`https://example.com/${"a".repeat(2028)}`, "example.com"],
  ])("is %s", (text, host) => {
    expect(check(text)).toEqual({ kind: "allowed", host, isLoopback: false });
  });
});

describe("an address that no webhook may go to", () => {
  it.each([
    ["https://127.0.0.1/", "ip_address"],
    ["https://[::ffff:7f00:1]/", "ip_address"],
    ["https://2130706433/", "ip_address"],
    ["https://127.0.0.1./", "ip_address"],
    ["https://8.8.8.8/", "ip_address"],
    ["https://%6cocalhost/", "not_plain"],
    ["https://exa\tmple.com/", "not_plain"],
    ["https://example.com\\@evil.com/", "not_plain"],
    ["https:example.com", "not_plain"],
    ["https://b\u00fccher.example/", "not_plain"],
    ["http://example.com/", "not_https"],
    ["https://user@example.com/", "userinfo"],
    ["https://@example.com/", "userinfo"],
    ["https://example.com/#", "fragment"],
    ["https://example.com:80/", "port"],
    ["https://example.com:08443/", "port"],
    ["https://foo.localhost/", "refused_name"],
    ["https://metadata.google.internal./", "refused_name"],
    ["https://home.arpa/", "refused_name"],
    ["https://printer/", "host_name"],
    ["https://example.com./", "host_name"],
    [`https://example.com/${"a".repeat(2029)}`, "too_long"],
    [`https://example.com/${"<".repeat(1000)}`, "too_long"],
  ])("is %s", (text, reason) => {
    expect(check(text)).toEqual({ kind: "refused", reason });
  });

  // Without the rule that a host is spelled as it is read, these would reach the host check as the parser writes them.
  it.each([
    ["https://0x7f000001/", "127.0.0.1"],
    ["https://0177.0.0.1/", "127.0.0.1"],
    ["https://127.1/", "127.0.0.1"],
    ["https://%31%32%37.0.0.1/", "127.0.0.1"],
    ["https://\uff11\uff12\uff17.0.0.1/", "127.0.0.1"],
    ["https://127\u30020\u30020\u30021/", "127.0.0.1"],
    ["https://\u2460\u2461\u2466.0.0.1/", "127.0.0.1"],
    ["https://\u24db\u24de\u24d2\u24d0\u24db\u24d7\u24de\u24e2\u24e3/", "localhost"],
    ["https://local\u00adhost/", "localhost"],
    ["https://local\nhost/", "localhost"],
    ["https:///127.0.0.1/", "127.0.0.1"],
    ["https:\\\\127.0.0.1\\", "127.0.0.1"],
  ])("may hide behind the URL parser: %j", (text, host) => {
    expect(URL.parse(text)?.hostname).toBe(host);
    expect(check(text).kind).toBe("refused");
    expect(check(text, onLaptop).kind).toBe("refused");
  });
});

describe("this machine", () => {
  const urls = [
    "http://127.0.0.1:8080/hook",
    "http://127.0.0.1/",
    "https://127.0.0.1:1/",
    "http://localhost:9000/",
    "http://LOCALHOST/",
    "http://[::1]:9000/",
  ];

  it.each(urls)("may be called only where that is switched on: %s", (text) => {
    expect(check(text, onLaptop)).toMatchObject({ kind: "allowed", isLoopback: true });
    expect(check(text).kind).toBe("refused");
  });

  it.each([
    "http://127.0.0.2/",
    "http://127.1/",
    "http://10.0.0.1/",
    "http://169.254.169.254/",
    "http://foo.localhost/",
    "http://localhost./",
    "http://user@127.0.0.1/",
    "http://127.0.0.1/#x",
    "ftp://127.0.0.1/",
    "http://example.com/",
    "http://[::ffff:127.0.0.1]/",
    "http://127.0.0.1.nip.io/",
  ])("is all that is switched on: %s stays refused", (text) => {
    expect(check(text, onLaptop).kind).toBe("refused");
  });

  it("does not open the rest: public names stay https, and are not taken for this machine", () => {
    expect(check("https://example.com/", onLaptop)).toEqual({
      kind: "allowed",
      host: "example.com",
      isLoopback: false,
    });
  });
});
