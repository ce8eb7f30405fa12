import { expect, it } from "vitest";
import { afterFailure, maxAttempts } from "./outcome.ts";

const broken = { type: "provider_unavailable", isTransient: true, retryAfterSeconds: null };
const limited = { type: "rate_limited", isTransient: true, retryAfterSeconds: 7 };
const first = { attempts: 1, waitedSeconds: 0 };

it("gives up at once on what would be refused again", () => {
  expect(afterFailure({ ...broken, isTransient: false }, first)).toEqual({ kind: "give_up" });
});

it.each([
  [1, 2],
  [2, 4],
  [3, 8],
  [4, 16],
])("waits longer after attempt %i: %i seconds", (attempts, retryAfterSeconds) => {
  expect(afterFailure(broken, { attempts, waitedSeconds: 0 })).toEqual({
    kind: "retry",
    retryAfterSeconds,
    isFault: true,
  });
});

it("gives up after the last attempt", () => {
  expect(afterFailure(broken, { attempts: maxAttempts, waitedSeconds: 0 })).toEqual({ kind: "give_up" });
});

it("waits as long as the provider says, and counts no fault when it limits its rate", () => {
  expect(afterFailure(limited, { attempts: maxAttempts + 1, waitedSeconds: 0 })).toEqual({
    kind: "retry",
    retryAfterSeconds: 7,
    isFault: false,
  });
});

it.each([
  [0, 1],
  [100_000, 300],
])("takes a wait of %i seconds for one of %i", (retryAfterSeconds, seconds) => {
  expect(afterFailure({ ...limited, retryAfterSeconds }, first)).toMatchObject({ retryAfterSeconds: seconds });
});

it("waits no more than a quarter of an hour in all", () => {
  expect(afterFailure(limited, { attempts: 1, waitedSeconds: 893 })).toMatchObject({ kind: "retry" });
  expect(afterFailure(limited, { attempts: 1, waitedSeconds: 894 })).toEqual({ kind: "give_up" });
});
