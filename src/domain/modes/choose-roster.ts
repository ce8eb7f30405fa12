import type { ErrorCode } from "../../contract/errors.ts";
import type { Mode } from "../../contract/rooms.ts";
import { parseTags } from "../speaker/tags.ts";
import { rulesByMode } from "./mode.ts";

export type ChosenRoster =
  | { readonly kind: "chosen"; readonly agentKeys: readonly string[] }
  | { readonly kind: "refused"; readonly code: ErrorCode; readonly message: string };

/** Tags narrow the room's agents in any mode, in the order of the tags; without one all speak by position, if the mode lets them. */
export function chooseRoster(mode: Mode, message: string, seatedKeys: readonly string[]): ChosenRoster {
  if (seatedKeys.length === 0) return refused("no_room_agents", "The room has no agents.");
  const { tagged, unknown } = parseTags(
    message,
    seatedKeys.map((key) => ({ key })),
  );
  const { needsTags, minAgents } = rulesByMode[mode];
  if (!needsTags) return enough(mode, tagged.length > 0 ? tagged : seatedKeys, minAgents);
  const firstUnknown = unknown[0];
  if (firstUnknown !== undefined)
    return refused("unknown_tagged_agent", `No agent of this room has the key ${firstUnknown}.`);
  if (tagged.length === 0)
    return refused("no_valid_tagged_agents", "This mode needs at least one @agent_key in the message.");
  return enough(mode, tagged, minAgents);
}

function enough(mode: Mode, agentKeys: readonly string[], least: number): ChosenRoster {
  if (agentKeys.length >= least) return { kind: "chosen", agentKeys };
  return refused(
    "no_room_agents",
    `A ${mode} turn needs at least ${least} agents; this one would have ${agentKeys.length}: ${agentKeys.join(", ")}.`,
  );
}

function refused(code: ErrorCode, message: string): ChosenRoster {
  return { kind: "refused", code, message };
}
