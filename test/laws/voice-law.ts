import type { SourceFile } from "./tree.ts";

/** A file that may do one of the things below, and what for. */
export interface VoiceExcuse {
  readonly path: string;
  readonly what: VoiceFault;
}

type VoiceFault = keyof typeof faults;

const faults = {
  "a header": /\bheaders?\b|\bContent-Type\b|\bETag\b|\bIf-(?:None-)?Match\b|\bLocation\b|\bRetry-After\b/i,
  "a path of the API": /\/api\/v1/,
  "a status code": /\b(?:status|code)\w*\s*(?:[:=]|===)\s*[1-5]\d\d\b|\b(?:json|reply)\(\s*[1-5]\d\d\b/i,
  "an HTTP status": /\breadonly\s+(?:http_?)?status\w*\??:\s*number\b/i,
  "JSON text": /\bJSON\.stringify\b/,
} as const;

const verbFaults = ["a header", "a path of the API", "a status code", "JSON text"] as const;
const portFaults = ["a header", "a path of the API", "an HTTP status"] as const;

/** A verb's value is for every voice; what HTTP makes of it is said in src/http alone. */
export function httpInVerbs(files: readonly SourceFile[], excused: readonly VoiceExcuse[]): readonly string[] {
  return files.flatMap((file) => {
    const forbidden: readonly VoiceFault[] = file.path.startsWith("src/ports/") ? portFaults : verbFaults;
    const found = forbidden.filter((what) => faults[what].test(file.text));
    const open = found.filter((what) => !excused.some((excuse) => excuse.path === file.path && excuse.what === what));
    return open.map((what) => `${file.path}: names ${what}; src/http renders what a verb returns`);
  });
}

export function idleVoiceExcuses(files: readonly SourceFile[], excused: readonly VoiceExcuse[]): readonly string[] {
  const isNeeded = ({ path, what }: VoiceExcuse) =>
    files.some((file) => file.path === path && faults[what].test(file.text));
  return excused
    .filter((excuse) => !isNeeded(excuse))
    .map(({ path, what }) => `${path}: is excused for ${what} and names none`);
}
