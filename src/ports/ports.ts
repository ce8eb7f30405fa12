import type { AgentStore } from "./agents.ts";
import type { ApiKeyStore } from "./api-keys.ts";
import type { Clock } from "./clock.ts";
import type { Digest } from "./digest.ts";
import type { IdempotencyStore } from "./idempotency.ts";
import type { IdentityStore } from "./identity.ts";
import type { Ids } from "./ids.ts";
import type { Log } from "./log.ts";
import type { ModelGateway } from "./model.ts";
import type { Pause } from "./pause.ts";
import type { Probe } from "./probe.ts";
import type { Queue } from "./queue.ts";
import type { QueueVerifier } from "./queue-verifier.ts";
import type { RoomStore } from "./rooms.ts";
import type { SessionStore } from "./sessions.ts";
import type { TurnSettings } from "./settings.ts";
import type { StepStore } from "./steps.ts";
import type { Throttle } from "./throttle.ts";
import type { TokenVerifier } from "./token-verifier.ts";
import type { TurnStore } from "./turns.ts";
import type { UsageStore } from "./usage.ts";
import type { WalletStore } from "./wallet.ts";

/** All that the product needs of the outside; a verb asks for the few that it uses. */
export interface Ports {
  readonly agents: AgentStore;
  readonly apiKeys: ApiKeyStore;
  readonly clock: Clock;
  readonly digest: Digest;
  readonly idempotency: IdempotencyStore;
  readonly identity: IdentityStore;
  readonly ids: Ids;
  readonly log: Log;
  readonly model: ModelGateway;
  readonly pause: Pause;
  readonly probes: readonly Probe[];
  readonly publicBaseUrl: string;
  readonly queue: Queue;
  readonly queueVerifier: QueueVerifier;
  readonly rooms: RoomStore;
  readonly sessions: SessionStore;
  readonly steps: StepStore;
  readonly throttle: Throttle;
  readonly tokens: TokenVerifier;
  readonly turns: TurnStore;
  readonly turnSettings: TurnSettings;
  readonly usage: UsageStore;
  readonly wallet: WalletStore;
}
