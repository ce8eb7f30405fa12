import { describe, expect, it } from "vitest";
import { answerOnce } from "../../src/app/once.ts";
import type { Reply } from "../../src/app/reply.ts";
import { type ErrorCode, PantheonError } from "../../src/contract/errors.ts";
import { UserId } from "../../src/contract/ids.ts";
import type { Caller } from "../../src/ports/caller.ts";
import type { StoredReply } from "../../src/ports/idempotency.ts";

type Keep = (reply: Reply, kept?: Reply) => StoredReply | null;

const caller: Caller = { kind: "user", userId: UserId.parse("0190a000-0000-7000-8000-000000000001"), email: null };
const now = new Date("2026-11-01T00:00:00Z");
const reply: Reply = { status: 201, headers: { Location: "/x" }, body: '{"secret":"s"}' };
const once = { key: "k", fingerprint: "f" };

function portsWith(stored: StoredReply | null) {
  let looks = 0;
  const find = async () => {
    looks += 1;
    return stored;
  };
  return {
    ports: { idempotency: { find }, clock: { now: () => now } },
    looks: () => looks,
  };
}

const fail = (code: ErrorCode) => async (): Promise<Reply> => {
  throw new PantheonError(code, code);
};
const stored: StoredReply = {
  ...once,
  status: 201,
  headers: { Location: "/x" },
  body: "{}",
  expiresAt: "2026-11-03T00:00:00.000Z",
};

describe("answering once", () => {
  it("keeps nothing and looks nothing up for a client that named no key", async () => {
    const { ports, looks } = portsWith(stored);
    const effect = async (keep: Keep) => {
      expect(keep(reply)).toBeNull();
      return reply;
    };
    expect(await answerOnce(ports, caller, null, effect)).toBe(reply);
    await expect(answerOnce(ports, caller, null, fail("conflict"))).rejects.toMatchObject({ code: "conflict" });
    expect(looks()).toBe(0);
  });

  it("hands the effect what to keep, for 48 hours, and may keep less than it shows", async () => {
    const { ports, looks } = portsWith(null);
    const kept: (StoredReply | null)[] = [];
    const effect = async (keep: Keep) => {
      kept.push(keep(reply), keep(reply, { ...reply, body: "{}" }));
      return reply;
    };
    expect(await answerOnce(ports, caller, once, effect)).toBe(reply);
    expect(kept).toEqual([{ ...stored, body: reply.body }, stored]);
    expect(looks()).toBe(0);
  });

  it.each<ErrorCode>(["idempotency_in_progress", "conflict", "not_found", "model_unavailable"])(
    "gives the kept answer again when its own effect is why it fails: %s",
    async (code) => {
      const answer = await answerOnce(portsWith(stored).ports, caller, once, fail(code));
      expect(answer).toEqual({ status: 201, headers: { Location: "/x", "Idempotent-Replayed": "true" }, body: "{}" });
    },
  );

  it("fails as it failed when nothing was kept", async () => {
    await expect(answerOnce(portsWith(null).ports, caller, once, fail("conflict"))).rejects.toMatchObject({
      code: "conflict",
    });
  });

  it("refuses the kept answer to another request", async () => {
    const other = { ...once, fingerprint: "g" };
    await expect(answerOnce(portsWith(stored).ports, caller, other, fail("conflict"))).rejects.toMatchObject({
      code: "idempotency_conflict",
    });
  });

  it.each<ErrorCode>(["dependency_unavailable", "internal", "unauthorized", "forbidden"])(
    "does not hide a failure that says nothing of the effect: %s",
    async (code) => {
      const { ports, looks } = portsWith(stored);
      await expect(answerOnce(ports, caller, once, fail(code))).rejects.toMatchObject({ code });
      expect(looks()).toBe(0);
    },
  );
});
