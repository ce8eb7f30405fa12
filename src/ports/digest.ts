export interface Digest {
  sha256Hex(text: string): Promise<string>;
}
