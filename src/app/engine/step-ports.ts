import type { Clock } from "../../ports/clock.ts";
import type { Digest } from "../../ports/digest.ts";
import type { Ids } from "../../ports/ids.ts";
import type { Live } from "../../ports/live.ts";
import type { Log } from "../../ports/log.ts";
import type { ModelGateway } from "../../ports/model.ts";
import type { Pause } from "../../ports/pause.ts";
import type { Queue } from "../../ports/queue.ts";
import type { SchemaCheck } from "../../ports/schema-check.ts";
import type { TurnSettings } from "../../ports/settings.ts";
import type { StepEngine } from "../../ports/steps.ts";
import type { ToolServer } from "../../ports/tool-server.ts";

export interface StepPorts {
  readonly clock: Clock;
  readonly digest: Digest;
  readonly ids: Ids;
  readonly live: Live;
  readonly log: Log;
  readonly model: ModelGateway;
  readonly pause: Pause;
  readonly queue: Queue;
  readonly schemaCheck: SchemaCheck;
  readonly steps: StepEngine;
  readonly toolServer: ToolServer;
  readonly turnSettings: TurnSettings;
}
