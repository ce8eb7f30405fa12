import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Mode } from "../../src/contract/rooms.ts";
import type { StepResult } from "../../src/contract/step-results.ts";
import type { ClaimedCall, StepEngine, StepOutcome } from "../../src/ports/steps.ts";
import type { OutboxMessage } from "../../src/ports/turns.ts";
import { windowOf } from "../support/said.ts";
import { type BegunTurn, failure, goingOn, reply, silence, toCommit, type WantedTurn } from "./step-engine-kit.ts";

export interface StepWorld {
  readonly steps: StepEngine;
  /** A turn of its own session. */
  begin(wanted: WantedTurn): Promise<BegunTurn>;
  cancel(turn: string): Promise<void>;
  statusesOf(turn: string): Promise<{ readonly status: string; readonly steps: readonly string[] }>;
  /** By their index. */
  stepIdsOf(turn: string): Promise<readonly string[]>;
  flagsOf(turn: string): Promise<readonly (readonly string[])[]>;
  pass(seconds: number): Promise<void>;
  stop(): Promise<void>;
}

const leaseSeconds = 150;
const maxAttempts = 3;

/** What every step store keeps to, whatever it is made of. */
export function stepStoreContract(name: string, open: () => Promise<StepWorld>): void {
  describe(`a step store (${name})`, () => {
    let world: StepWorld;
    beforeAll(async () => {
      world = await open();
    });
    afterAll(() => world?.stop());

    const claim = ({ id, stepIds }: BegunTurn, index: number) =>
      world.steps.claim({
        turn: id,
        step: stepIds[index] ?? "",
        lease_seconds: leaseSeconds,
        max_attempts: maxAttempts,
        recent_turns: 4,
        lost_id: crypto.randomUUID(),
      });
    const win = async (turn: BegunTurn, index: number): Promise<ClaimedCall> => {
      const claimed = await claim(turn, index);
      if (claimed.kind !== "won" || !("messages" in claimed)) throw new Error(`the claim was ${claimed.kind}`);
      return claimed;
    };
    const commit = (turn: BegunTurn, index: number, token: number, outcome: StepOutcome) =>
      world.steps.commit(toCommit(turn, index, token, outcome));
    const run = async (turn: BegunTurn, index: number, outcome: StepOutcome = reply("Said.")) => {
      const claimed = await win(turn, index);
      return commit(turn, index, claimed.token, goingOn(turn.id, claimed, outcome));
    };
    const targets = (outbox: readonly OutboxMessage[]) => outbox.map(({ target }) => target);

    it("posts the steps that may go at once, and no other", async () => {
      const chain = await world.begin({ mode: "roundtable", agents: 3 });
      expect(targets(chain.outbox)).toEqual([chain.stepIds[0]]);
      const parallel = await world.begin({ mode: "manual", agents: 3 });
      expect(targets(parallel.outbox).toSorted()).toEqual(parallel.stepIds.toSorted());
    });

    it("gives a step to one claim, and tells the others how long its lease is", async () => {
      const turn = await world.begin({ mode: "roundtable", agents: 2 });
      const claims = await Promise.all(Array.from({ length: 20 }, () => claim(turn, 0)));
      const won = claims.filter(({ kind }) => kind === "won");
      expect(won).toHaveLength(1);
      expect(won[0]).toMatchObject({
        token: 1,
        turn_index: 1,
        checkpoint: null,
        step: { index: 0, agent_key: "agent-0", attempts: 1, waited_seconds: 0 },
        messages: [{ author: "user", text: "@agent-0 @agent-1 speak" }],
        window: windowOf([]),
      });
      const leased = claims.filter((each) => each.kind === "leased");
      expect(leased).toHaveLength(19);
      for (const each of leased) expect(each.retry_after_seconds).toBeGreaterThan(leaseSeconds - 60);
      expect(await world.statusesOf(turn.id)).toEqual({ status: "running", steps: ["running", "waiting"] });
    });

    it("knows no step that it was not given", async () => {
      const turn = await world.begin({ mode: "roundtable", agents: 1 });
      const stranger = crypto.randomUUID();
      expect(await claim({ ...turn, id: stranger }, 0)).toMatchObject({ kind: "unknown" });
      expect(await claim({ ...turn, stepIds: [stranger] }, 0)).toMatchObject({ kind: "unknown" });
    });

    it("keeps a step back until those before it have ended, and shows it what they said", async () => {
      const turn = await world.begin({ mode: "roundtable", agents: 2 });
      expect(await claim(turn, 1)).toEqual({ kind: "not_ready" });
      const committed = await run(turn, 0, reply("First words."));
      expect(committed).toMatchObject({ kind: "committed", outbox: [{ target: turn.stepIds[1], delay_seconds: 0 }] });
      const claimed = await win(turn, 1);
      expect(claimed.messages.map(({ author, text }) => [author, text])).toEqual([
        ["user", "@agent-0 @agent-1 speak"],
        ["agent", "First words."],
      ]);
      await commit(turn, 1, claimed.token, reply("Second."));
      expect(await world.statusesOf(turn.id)).toEqual({ status: "completed", steps: ["done", "done"] });
    });

    it("keeps what a step came to for those after it, to whom what it did not say is no message", async () => {
      const turn = await world.begin({ mode: "roundtable", agents: 2 });
      const result: StepResult = {
        kind: "vote",
        choice: null,
        confidence: 0,
        reason: "Undecided.",
        is_fallback: false,
      };
      await run(turn, 0, { ...silence, result });
      const claimed = await win(turn, 1);
      expect(claimed.messages.map(({ author }) => author)).toEqual(["user"]);
      expect(claimed.steps).toEqual([
        { index: 0, purpose: "agent", agent_key: "agent-0", round: 1, status: "done", result },
        { index: 1, purpose: "agent", agent_key: "agent-1", round: 1, status: "running", result: null },
      ]);
      await commit(turn, 1, claimed.token, failure);
      expect(await world.flagsOf(turn.id)).toEqual([["silent"], []]);
    });

    it("finds a commit done that comes again, with what is still to be published", async () => {
      const turn = await world.begin({ mode: "roundtable", agents: 2 });
      const { token } = await win(turn, 0);
      const [first, again] = [
        await commit(turn, 0, token, reply("Once.")),
        await commit(turn, 0, token, reply("Twice.")),
      ];
      if (first.kind !== "committed" || again.kind !== "already") throw new Error(`${first.kind}, ${again.kind}`);
      expect(again.outbox).toEqual(first.outbox);
      expect(await claim(turn, 0)).toMatchObject({ kind: "finished", outbox: first.outbox });
      const claimed = await win(turn, 1);
      expect(claimed.messages.map(({ text }) => text)).toContain("Once.");
      expect(await claim(turn, 0)).toEqual({ kind: "finished", outbox: [] });
    });

    it("fences a holder whose lease has ended", async () => {
      const turn = await world.begin({ mode: "roundtable", agents: 1 });
      const first = await win(turn, 0);
      await world.pass(leaseSeconds + 1);
      const second = await win(turn, 0);
      expect([first.token, second.token, second.step.attempts]).toEqual([1, 2, 2]);
      expect(await commit(turn, 0, first.token, reply("Late."))).toEqual({ kind: "fenced" });
      expect(await commit(turn, 0, second.token, reply("In time."))).toMatchObject({ kind: "committed" });
      expect(await commit(turn, 0, first.token, reply("Later."))).toEqual({ kind: "fenced" });
    });

    it.each(["manual", "roundtable"] as const)("goes on with the next round of a %s turn, once", async (mode) => {
      const turn = await world.begin({ mode, agents: 3, rounds: 3 });
      let round = turn;
      for (let number = 1; number <= 3; number += 1) {
        const outbox = await runRound(mode, round);
        const { steps } = await world.statusesOf(turn.id);
        expect([outbox.length, steps.length]).toEqual([
          number === 3 ? 0 : mode === "manual" ? 3 : 1,
          Math.min(9, number * 3 + 3),
        ]);
        round = { ...turn, stepIds: (await world.stepIdsOf(turn.id)).slice(-3) };
      }
      expect((await world.statusesOf(turn.id)).status).toBe("completed");
    });

    /** The outbox messages that the round's last commit makes. */
    async function runRound(mode: Mode, round: BegunTurn): Promise<readonly OutboxMessage[]> {
      if (mode === "manual") {
        const results = await Promise.all([0, 1, 2].map((index) => run(round, index)));
        return results.flatMap((result) => ("outbox" in result ? result.outbox : []));
      }
      await run(round, 0);
      await run(round, 1);
      const last = await run(round, 2);
      return "outbox" in last ? last.outbox : [];
    }

    it.each([
      [["done", "failed"], "partial"],
      [["failed", "failed"], "failed"],
    ] as const)("ends a turn of %j as %s", async (outcomes, status) => {
      const turn = await world.begin({ mode: "roundtable", agents: 2 });
      for (const [index, outcome] of outcomes.entries())
        await run(turn, index, outcome === "done" ? reply("Yes.") : failure);
      expect(await world.statusesOf(turn.id)).toEqual({ status, steps: outcomes });
    });

    it.each([
      ["nobody speaks", [failure, failure, failure], "failed", 3],
      ["all are silent", [silence, silence, silence], "completed", 3],
      ["some fail and the others are silent", [failure, silence, failure], "partial", 3],
      ["one speaks", [failure, reply("Yes."), silence], "running", 6],
    ] as const)("goes on with a council only where somebody spoke: %s", async (_what, outcomes, status, steps) => {
      const turn = await world.begin({ mode: "council", agents: 3 });
      // None knows, when it commits, what became of the others.
      const claims = await Promise.all(outcomes.map((_, index) => win(turn, index)));
      const ends = claims.map((claimed, index) =>
        commit(turn, index, claimed.token, goingOn(turn.id, claimed, outcomes[index] ?? silence)),
      );
      const outbox = (await Promise.all(ends)).flatMap((end) => ("outbox" in end ? end.outbox : []));
      const ended = await world.statusesOf(turn.id);
      expect([ended.status, ended.steps.length, outbox.length]).toEqual([status, steps, steps - 3]);
    });

    it("fails a turn whose agents all failed, whatever its manager did", async () => {
      const turn = await world.begin({ mode: "orchestrator", agents: 2 });
      await run(turn, 0, silence);
      const asked = { ...turn, stepIds: await world.stepIdsOf(turn.id) };
      for (const index of [1, 2]) await run(asked, index, failure);
      expect(await world.statusesOf(turn.id)).toEqual({ status: "failed", steps: ["done", "failed", "failed"] });
    });

    it("gives a step up after so many claims, and lets the next one go", async () => {
      const turn = await world.begin({ mode: "roundtable", agents: 2 });
      for (let attempt = 1; attempt <= maxAttempts; attempt += 1) {
        expect(await win(turn, 0)).toMatchObject({ is_exhausted: false, step: { attempts: attempt } });
        await world.pass(leaseSeconds + 1);
      }
      const last = await win(turn, 0);
      expect(last).toMatchObject({ is_exhausted: true, step: { attempts: maxAttempts + 1 } });
      expect(await commit(turn, 0, last.token, failure)).toMatchObject({ outbox: [{ target: turn.stepIds[1] }] });
      await run(turn, 1);
      expect(await world.statusesOf(turn.id)).toEqual({ status: "partial", steps: ["failed", "done"] });
    });

    it("hands an unfinished step its checkpoint, with its attempts anew", async () => {
      const turn = await world.begin({ mode: "roundtable", agents: 1 });
      const committed = await run(turn, 0, {
        outcome: "continue",
        checkpoint: '{"so":"far"}',
        events: [],
        summary: null,
      });
      expect(committed).toMatchObject({ kind: "committed", outbox: [{ target: turn.stepIds[0], generation: 1 }] });
      expect(await win(turn, 0)).toMatchObject({ token: 2, checkpoint: '{"so":"far"}', step: { attempts: 1 } });
    });

    it.each([
      ["a fault", true, 2, null, '{"so":"far"}'],
      ["no fault", false, 1, '{"so":"farther"}', '{"so":"farther"}'],
    ])(
      "takes a step back for a while, and counts it when it is %s",
      async (_what, is_fault, attempts, checkpoint, kept) => {
        const turn = await world.begin({ mode: "roundtable", agents: 1 });
        await run(turn, 0, { outcome: "continue", checkpoint: '{"so":"far"}', events: [], summary: null });
        const again = { outcome: "retry", retry_after_seconds: 20, is_fault, checkpoint } as const;
        const committed = await run(turn, 0, again);
        expect(committed).toEqual({ kind: "committed", outbox: [] });
        const leased = await claim(turn, 0);
        expect(leased.kind).toBe("leased");
        await world.pass(21);
        expect(await win(turn, 0)).toMatchObject({
          token: 3,
          checkpoint: kept,
          step: { attempts, waited_seconds: 20 },
        });
      },
    );

    it("keeps a step back that waits for a person", async () => {
      const turn = await world.begin({ mode: "roundtable", agents: 1 });
      const awaited = [{ id: "call-1", tool: "send", arguments: {} }];
      const committed = await run(turn, 0, { outcome: "await", checkpoint: "{}", awaited, events: [] });
      expect(committed).toEqual({ kind: "committed", outbox: [] });
      await world.pass(leaseSeconds + 1);
      expect(await claim(turn, 0)).toEqual({ kind: "not_ready" });
    });

    it("is over at once when it is cancelled, whoever holds a step", async () => {
      const turn = await world.begin({ mode: "roundtable", agents: 2 });
      const { token } = await win(turn, 0);
      await world.cancel(turn.id);
      expect(await commit(turn, 0, token, reply("Too late."))).toMatchObject({ kind: "cancelled" });
      expect(await claim(turn, 0)).toEqual({ kind: "over", outbox: [] });
      expect(await world.statusesOf(turn.id)).toEqual({ status: "cancelled", steps: ["cancelled", "cancelled"] });
    });

    it("fails a turn that cannot go on, once, and leaves one that is over", async () => {
      const error = { type: "poison_message", message: "It cannot go on." };
      const turn = await world.begin({ mode: "roundtable", agents: 2 });
      await world.steps.failTurn(turn.id, error);
      await world.steps.failTurn(turn.id, error);
      expect(await world.statusesOf(turn.id)).toEqual({ status: "failed", steps: ["cancelled", "cancelled"] });
      const over = await world.begin({ mode: "roundtable", agents: 1 });
      await run(over, 0);
      await world.steps.failTurn(over.id, error);
      expect((await world.statusesOf(over.id)).status).toBe("completed");
      expect(await world.steps.failTurn(crypto.randomUUID(), error)).toEqual([]);
    });

    it("hands out a message that has not arrived, each time anew and each time later", async () => {
      const turn = await world.begin({ mode: "roundtable", agents: 1 });
      const mine = async () => (await world.steps.sweep(1000)).filter((message) => message.turn === turn.id);
      expect(await mine()).toEqual([]);
      await world.pass(16);
      const [first] = await mine();
      expect(first).toMatchObject({ target: turn.stepIds[0], generation: 0, attempt: 1 });
      expect(await mine()).toEqual([]);
      await world.pass(16);
      expect(await mine()).toMatchObject([{ attempt: 2 }]);
      await world.pass(16);
      expect(await mine()).toEqual([]);
      await world.pass(16);
      expect(await mine()).toMatchObject([{ attempt: 3 }]);
      await run(turn, 0);
      await world.pass(1000);
      expect(await mine()).toEqual([]);
    });

    it("hands out a message for a step whose holder is gone", async () => {
      const turn = await world.begin({ mode: "roundtable", agents: 1 });
      await win(turn, 0);
      const mine = async () => (await world.steps.sweep(1000)).filter((message) => message.turn === turn.id);
      await world.pass(leaseSeconds - 1);
      expect(await mine()).toEqual([]);
      await world.pass(2);
      expect(await mine()).toMatchObject([{ target: turn.stepIds[0], generation: 1 }]);
      await run(turn, 0);
      expect((await world.statusesOf(turn.id)).status).toBe("completed");
    });
  });
}
