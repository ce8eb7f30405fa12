import { type SQL, sql } from "drizzle-orm";
import { TurnId } from "../../contract/ids.ts";
import { type Answer, parseAnswer } from "./answers/parse-answer.ts";
import { fitting, list } from "./answers/shape.ts";

const endedAnswer: Answer<readonly TurnId[]> = { from: "the turns that ended", shape: list(fitting(TurnId)) };

/** The turns of these sessions that this transaction has ended: they bear its own moment. */
export const endedHere = (sessions: SQL) => sql`
  select coalesce(jsonb_agg(t.id), '[]') as answer from turns t
  where t.session_id = any (${sessions}) and t.status = 'cancelled' and t.finished_at = pantheon_now()`;

export function toEnded([row]: readonly Readonly<Record<string, unknown>>[]): readonly TurnId[] {
  return parseAnswer(endedAnswer, row?.answer);
}
