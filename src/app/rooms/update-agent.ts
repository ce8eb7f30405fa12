import type { Agent } from "../../contract/agents.ts";
import { PantheonError } from "../../contract/errors.ts";
import type { AgentChange, AgentStore } from "../../ports/agents.ts";
import type { Caller } from "../../ports/caller.ts";
import type { Updated } from "../../ports/updated.ts";

interface UpdateAgentPorts {
  readonly agents: Pick<AgentStore, "update">;
}

export async function updateAgent(
  { agents }: UpdateAgentPorts,
  caller: Caller,
  wanted: AgentChange,
): Promise<Updated<Agent>> {
  const updated = await agents.update(caller, wanted);
  if (updated.kind !== "unpriced") return updated;
  const alias = wanted.change.model_alias;
  throw new PantheonError("model_unavailable", `The model alias ${alias} has no price and cannot be used.`);
}
