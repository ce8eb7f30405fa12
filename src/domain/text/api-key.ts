const pattern = /^pan_live_([0-9a-f]{16})_([0-9a-f]{48})([0-9a-f]{8})$/;

export interface ApiKeyParts {
  readonly short: string;
  readonly long: string;
}

export function formatApiKey({ short, long }: ApiKeyParts): string {
  return `pan_live_${short}_${long}${checksumOf(short, long)}`;
}

/** Null for anything that is not a key of ours: the checksum refuses junk without a look-up. */
export function parseApiKey(token: string): ApiKeyParts | null {
  const [, short, long, checksum] = pattern.exec(token) ?? [];
  if (short === undefined || long === undefined) return null;
  return checksum === checksumOf(short, long) ? { short, long } : null;
}

export function looksLikeApiKey(token: string): boolean {
  return token.startsWith("pan_");
}

function checksumOf(short: string, long: string): string {
  return crc32(`${short}_${long}`).toString(16).padStart(8, "0");
}

function crc32(ascii: string): number {
  let crc = 0xffffffff;
  for (let index = 0; index < ascii.length; index += 1) {
    crc ^= ascii.charCodeAt(index);
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}
