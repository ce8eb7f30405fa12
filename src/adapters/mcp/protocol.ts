import { asRecord } from "../../domain/text/record.ts";

/** Every request stands alone: no handshake, no session. */
const statelessVersion = "2026-07-28";
/** What is asked of a server that wants a handshake, and what it may answer. */
const handshakeVersion = "2025-11-25";
export const handshakeVersions = [handshakeVersion, "2025-06-18", "2025-03-26", "2024-11-05"];
export const unsupportedVersionCode = -32_022;

const clientInfo = { name: "pantheon", version: "1" };

export interface RpcRequest {
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
}

export interface Outgoing {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Null for a notification, which nobody answers. */
  readonly id: number | null;
}

export function statelessRequest({ method, params }: RpcRequest, headers: Readonly<Record<string, string>>): Outgoing {
  const _meta = {
    ...asRecord(params._meta),
    "io.modelcontextprotocol/protocolVersion": statelessVersion,
    "io.modelcontextprotocol/clientInfo": clientInfo,
    "io.modelcontextprotocol/clientCapabilities": {},
  };
  const name = typeof params.name === "string" ? { "mcp-name": headerValue(params.name) } : {};
  return {
    ...toOutgoing(1, { method, params: { ...params, _meta } }),
    headers: { ...headers, ...name, "mcp-protocol-version": statelessVersion, "mcp-method": method },
  };
}

export interface Session {
  readonly version: string;
  readonly id: string | null;
}

export function handshakeRequest(): Outgoing {
  const params = { protocolVersion: handshakeVersion, capabilities: {}, clientInfo };
  return toOutgoing(1, { method: "initialize", params });
}

export function readyNotice(session: Session): Outgoing {
  return { ...toOutgoing(null, { method: "notifications/initialized", params: {} }), headers: sessionHeaders(session) };
}

export function sessionRequest(session: Session, request: RpcRequest): Outgoing {
  return { ...toOutgoing(2, request), headers: sessionHeaders(session) };
}

export function sessionHeaders({ version, id }: Session): Readonly<Record<string, string>> {
  return { "mcp-protocol-version": version, ...(id === null ? {} : { "mcp-session-id": id }) };
}

/** A text as a header may hold it. */
export function headerValue(text: string): string {
  const isPlain = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(text) && !/^=\?base64\?.*\?=$/.test(text);
  if (isPlain) return text;
  const bytes = Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte));
  return `=?base64?${btoa(bytes.join(""))}?=`;
}

function toOutgoing(id: number | null, { method, params }: RpcRequest): Outgoing {
  const body = JSON.stringify({ jsonrpc: "2.0", ...(id === null ? {} : { id }), method, params });
  return { body, headers: {}, id };
}
