import type { TurnId } from "../../contract/ids.ts";
import type { Live } from "../../ports/live.ts";

/** A Worker may make only so many requests for one of its own; whoever is not woken looks by itself. */
const maxWoken = 20;

/** For turns that end with something else: nothing of their own will be said any more. */
export async function wakeWatchers({ live }: { readonly live: Live }, turns: readonly TurnId[]): Promise<void> {
  await Promise.all(turns.slice(0, maxWoken).map((id) => live.tell(id, { kind: "wake" })));
}
