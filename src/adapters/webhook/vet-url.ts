import { checkUrl, type UrlRules, urlRefusals } from "../../domain/webhook/check-url.ts";
import { isPublicAddress } from "../../domain/webhook/public-address.ts";
import type { Resolver } from "../../ports/resolver.ts";
import type { UrlVerdict } from "../../ports/webhook-sender.ts";

/**
 * One address that is not public is enough to refuse the name. What the runtime resolves a moment later cannot be
 * pinned on Workers: a name that changes in between gets through, and that window is documented.
 */
export async function vetUrl(url: string, rules: UrlRules, resolver: Resolver): Promise<UrlVerdict> {
  const checked = checkUrl(url, URL.parse(url), rules);
  if (checked.kind === "refused") return { kind: "refused", reason: urlRefusals[checked.reason] };
  if (checked.isLoopback) return checked;
  const resolution = await resolver.resolve(checked.host);
  if (resolution.kind === "failed") return { kind: "refused", reason: `must name a host: ${resolution.reason}` };
  const { addresses } = resolution;
  const isPublic = addresses.length > 0 && addresses.every(isPublicAddress);
  return isPublic ? checked : { kind: "refused", reason: "names a host without a public address" };
}
