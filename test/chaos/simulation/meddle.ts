import { cancelTurn } from "../../../src/app/turns/cancel-turn.ts";
import { TurnId } from "../../../src/contract/ids.ts";
import type { Ports } from "../../../src/ports/ports.ts";
import { type ClientRequest, done } from "./client-request.ts";
import type { Setting } from "./furnish.ts";
import { findOpenSummary } from "./snapshot.ts";
import type { World } from "./world-shape.ts";

interface Which {
  readonly index: number;
  readonly lastSend: number;
}

const kinds = ["cancel", "cancel summary", "edit", "remove agent", "remove session", "remove room"] as const;
type Kind = (typeof kinds)[number];

/** Cancels, edits and deletions among the client's requests. */
export function drawMeddling(world: World, setting: Setting, { index, lastSend }: Which): ClientRequest {
  const { play } = world.random;
  const kind = play.pick<Kind>(["cancel", "cancel", "cancel", "cancel", "cancel", "edit", ...kinds]);
  const about = {
    agentKey: play.pick(["ada", "bob"]),
    sendKey: `send-${play.between(0, lastSend)}`,
    edition: index + 1,
  };
  return {
    what: `${kind} ${index}`,
    atMs: play.pick([play.between(0, 5_000), play.between(0, 15_000), play.between(0, 60_000)]),
    perform: async (ports) => {
      await meddle(world, setting, { ...about, kind, ports });
      return done;
    },
  };
}

interface Meddling {
  readonly kind: Kind;
  readonly agentKey: string;
  readonly sendKey: string;
  readonly edition: number;
  readonly ports: Ports;
}

async function meddle(world: World, { caller, roomId, sessionIds }: Setting, meddling: Meddling): Promise<void> {
  const { kind, ports, agentKey, edition, sendKey } = meddling;
  switch (kind) {
    case "cancel": {
      const known = world.chronicle.clients.filter(({ answer }) => answer?.turnId != null);
      const wanted = known.find(({ key }) => key === sendKey) ?? known.at(-1);
      return cancel(ports, caller, wanted?.answer?.turnId ?? null);
    }
    case "cancel summary":
      return cancel(ports, caller, await findOpenSummary(world.database, sessionIds[0]));
    case "edit": {
      const change = { role_prompt: `You are ${agentKey}, edition ${edition}.` };
      await ports.agents.update(caller, { roomId, agentKey, change, expectedVersion: null });
      return;
    }
    case "remove agent":
      await ports.agents.remove(caller, roomId, agentKey, null);
      return;
    case "remove session":
      await ports.sessions.remove(caller, roomId, sessionIds[0]);
      return;
    case "remove room":
      await ports.rooms.remove(caller, roomId, null);
      return;
  }
}

async function cancel(ports: Ports, caller: Setting["caller"], turnId: string | null): Promise<void> {
  if (turnId !== null) await cancelTurn(ports, caller, TurnId.parse(turnId));
}
