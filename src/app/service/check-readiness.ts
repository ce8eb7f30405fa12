import { PantheonError } from "../../contract/errors.ts";
import type { DependencyState, Ready } from "../../contract/service.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Probe } from "../../ports/probe.ts";

interface ReadinessPorts {
  readonly probes: readonly Probe[];
  readonly clock: Clock;
}

export async function checkReadiness({ probes, clock }: ReadinessPorts): Promise<Ready> {
  const states = await Promise.all(probes.map(async (probe) => [probe.name, await stateOf(probe, clock)] as const));
  const isReady = states.every(([, { state }]) => state === "up");
  return { status: isReady ? "ready" : "not_ready", dependencies: Object.fromEntries(states) };
}

async function stateOf(probe: Probe, clock: Clock): Promise<DependencyState> {
  const startedAt = clock.now().getTime();
  try {
    await probe.check();
    return { state: "up", latency_ms: Math.max(0, clock.now().getTime() - startedAt), detail: null };
  } catch (error) {
    const detail = error instanceof PantheonError ? error.message : "It does not answer as it should.";
    return { state: "down", latency_ms: null, detail };
  }
}
