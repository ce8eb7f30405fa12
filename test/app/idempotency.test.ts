import { describe, expect, it } from "vitest";
import { made, type ToStored, withIdempotency } from "../../src/app/idempotency.ts";
import { type ErrorCode, PantheonError } from "../../src/contract/errors.ts";
import { ApiKeyId, UserId } from "../../src/contract/ids.ts";
import type { Caller } from "../../src/ports/caller.ts";
import type { StoredResult } from "../../src/ports/idempotency.ts";

const caller: Caller = {
  kind: "user",
  userId: UserId.parse("0190a000-0000-7000-8000-000000000001"),
  email: null,
  isEmailConfirmed: true,
};
const now = new Date("2026-11-01T00:00:00Z");
const apiKey = {
  id: ApiKeyId.parse("0190a000-0000-7000-8000-000000000002"),
  name: "k",
  prefix: "pan_live_0",
  scopes: [],
  expires_at: null,
  revoked_at: null,
  created_at: now.toISOString(),
};
const key = { key: "k", fingerprint: "f" };
const request = { operation: "create_api_key", key } as const;
const stored: StoredResult = {
  ...key,
  operation: "create_api_key",
  value: { ...apiKey, secret: null },
  expiresAt: "2026-11-03T00:00:00.000Z",
};

function portsWith(found: StoredResult | null) {
  let looks = 0;
  const find = async () => {
    looks += 1;
    return found;
  };
  return { ports: { idempotency: { find }, clock: { now: () => now } }, looks: () => looks };
}

const fail = (code: ErrorCode) => async () => {
  throw new PantheonError(code, code);
};

describe("an operation with an Idempotency-Key", () => {
  it("stores nothing and looks nothing up for a client that named no key", async () => {
    const { ports, looks } = portsWith(stored);
    const effect = async (toStored: ToStored<"create_api_key">) => {
      expect(toStored({ ...apiKey, secret: null })).toBeNull();
      return made({ ...apiKey, secret: "s" });
    };
    const unnamed = { ...request, key: null };
    expect(await withIdempotency(ports, caller, unnamed, effect)).toEqual(made({ ...apiKey, secret: "s" }));
    await expect(withIdempotency(ports, caller, unnamed, fail("conflict"))).rejects.toMatchObject({ code: "conflict" });
    expect(looks()).toBe(0);
  });

  it("hands the effect what to store, for 48 hours, and may store less than it shows", async () => {
    const { ports, looks } = portsWith(null);
    const rows: (StoredResult | null)[] = [];
    const effect = async (toStored: ToStored<"create_api_key">) => {
      rows.push(toStored({ ...apiKey, secret: null }));
      return made({ ...apiKey, secret: "s" });
    };
    const answer = await withIdempotency(ports, caller, request, effect);
    expect(answer).toEqual({ value: { ...apiKey, secret: "s" }, isReplayed: false });
    expect(rows).toEqual([stored]);
    expect(looks()).toBe(0);
  });

  it.each<ErrorCode>(["idempotency_in_progress", "conflict", "not_found", "model_unavailable"])(
    "hands out the stored value when its own effect is why it fails: %s",
    async (code) => {
      const answer = await withIdempotency(portsWith(stored).ports, caller, request, fail(code));
      expect(answer).toEqual({ value: stored.value, isReplayed: true });
    },
  );

  it("fails as it failed when nothing was stored", async () => {
    const failed = withIdempotency(portsWith(null).ports, caller, request, fail("conflict"));
    await expect(failed).rejects.toMatchObject({ code: "conflict" });
  });

  it.each([
    ["request", { ...stored, fingerprint: "g" }],
    ["operation", { ...stored, operation: "create_room" } as const],
  ])("refuses the stored value of another %s", async (_, other) => {
    const failed = withIdempotency(portsWith(other).ports, caller, request, fail("conflict"));
    await expect(failed).rejects.toMatchObject({ code: "idempotency_conflict" });
  });

  it.each<ErrorCode>(["dependency_unavailable", "internal", "unauthorized", "forbidden"])(
    "does not hide a failure that says nothing of the effect: %s",
    async (code) => {
      const { ports, looks } = portsWith(stored);
      await expect(withIdempotency(ports, caller, request, fail(code))).rejects.toMatchObject({ code });
      expect(looks()).toBe(0);
    },
  );
});
