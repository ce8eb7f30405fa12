const maxReadBytes = 65_536;
const excerptBytes = 1_024;

/** The first KB of an answer as text that Postgres can hold; stops reading at the limit, or when the answer breaks. */
export async function readExcerpt(response: Response): Promise<string> {
  const kept: number[] = [];
  let read = 0;
  const reader = response.body?.getReader();
  if (reader === undefined) return "";
  try {
    while (read < maxReadBytes) {
      const { done, value } = await reader.read();
      if (done) break;
      read += value.length;
      kept.push(...value.subarray(0, excerptBytes - kept.length));
    }
  } catch {
    // The status line has told what matters; the rest is for people to read.
  }
  await reader.cancel().catch(() => undefined);
  return toText(Uint8Array.from(kept));
}

// Streaming leaves out a character that the cut has split.
function toText(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes, { stream: true }).replaceAll("\0", "\ufffd");
}
