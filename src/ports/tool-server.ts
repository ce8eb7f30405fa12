import type { ToolAnswer, ToolArguments, ToolSpec } from "../domain/tools/tool.ts";

/** Somebody else's server of tools. */
export interface RemoteServer {
  readonly url: string;
  /** Sent as the header of that name. */
  readonly authorization: string | null;
}

export type ToolListing =
  /** Under the names that the server knows; what is too large or too much is left out. */
  | { readonly kind: "listed"; readonly tools: readonly ToolSpec[] }
  | { readonly kind: "failed"; readonly reason: string };

export interface CalledTool extends Pick<ToolSpec, "name" | "parameters"> {
  /** The same when the same call is made again, since nobody could say that it was made. */
  readonly callId: string;
}

export interface ToolServer {
  /** Never throws for what a server does. */
  list(server: RemoteServer): Promise<ToolListing>;
  /** One call, made once; whatever goes wrong is the answer. */
  call(server: RemoteServer, tool: CalledTool, given: ToolArguments): Promise<ToolAnswer>;
}
