/** What Postgres refuses inside text and JSON: a model may say it, and its reply must still be kept. */
export function storable(text: string): string {
  return text.replace(/\0|\p{Surrogate}/gu, "\uFFFD");
}
