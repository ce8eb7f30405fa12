import type { SummaryFinding } from "./entry.ts";
import { sameText } from "./entry-text.ts";

/** Of what is said twice, the first wording with the sources of both. */
export function mergeSame(findings: readonly SummaryFinding[]): readonly SummaryFinding[] {
  const byText = new Map<string, SummaryFinding>();
  for (const finding of findings) {
    const key = sameText(finding.text);
    const earlier = byText.get(key);
    const sources = [...(earlier?.source_message_ids ?? []), ...finding.source_message_ids];
    byText.set(key, { text: earlier?.text ?? finding.text, source_message_ids: [...new Set(sources)] });
  }
  return [...byText.values()];
}
