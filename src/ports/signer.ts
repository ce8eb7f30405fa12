export interface Signer {
  /** HMAC-SHA256 of the text's UTF-8 bytes under a webhook's secret, in base64. */
  sign(secret: string, text: string): Promise<string>;
}
