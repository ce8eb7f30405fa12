import { isLoopbackUrl, notLoopback, type Refusal, type Submission } from "./headers.ts";
import type { PublishRequest } from "./message.ts";

export function toRequest(
  destination: string,
  submission: Submission & { readonly scheduleId?: string | undefined },
): PublishRequest | Refusal {
  return isLoopbackUrl(destination) ? { ...submission, url: destination } : notLoopback(destination);
}
