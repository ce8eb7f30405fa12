export interface ClaimedToolbox {
  /** Calls that a person was asked about, each with what was decided. */
  readonly decisions: readonly (AwaitedCall & { readonly decision?: "approved" | "denied" })[];
  readonly began_at: string;
  readonly servers: readonly ClaimedToolServer[];
  readonly entries: readonly { readonly kind: string; readonly text: string; readonly author_key: string | null }[];
  /** What was said before the window, oldest first and each cut; nothing of it is private to another. */
  readonly earlier: readonly { readonly agent_key: string | null; readonly text: string }[];
}

export interface ClaimedToolServer {
  readonly name: string;
  readonly url: string;
  readonly authorization: string | null;
  readonly requires_approval: boolean;
}

/** A tool call that waits for a person. */
export interface AwaitedCall {
  readonly id: string;
  readonly tool: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

export interface ToolCallRow {
  readonly id: string;
  readonly ordinal: number;
  readonly call_id: string;
  readonly name: string;
  readonly arguments: string;
  readonly status: "ok" | "refused" | "failed" | "denied";
  readonly result_bytes: number;
  readonly latency_ms: number;
}
