-- Why a turn failed: the error of the first agent that failed and, where several did, how many. What it tells has at most 500 characters.
CREATE FUNCTION pantheon_failure_of(p_turn uuid) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object('type', f.type, 'message', CASE WHEN length(f.told) > 500 THEN left(f.told, 499) || '…' ELSE f.told END)
  FROM (
    SELECT s.error->>'type' AS type, CASE WHEN a.agents > 1
      THEN format('All %s agents failed; %s: %s', a.agents, s.agent_key, s.error->>'message') ELSE s.error->>'message' END AS told
    FROM turn_steps s CROSS JOIN (SELECT count(DISTINCT o.agent_key) AS agents FROM turn_steps o
      WHERE o.turn_id = p_turn AND o.status = 'failed' AND o.purpose = 'agent') AS a
    WHERE s.turn_id = p_turn AND s.status = 'failed' ORDER BY s.purpose <> 'agent', s.step_index LIMIT 1
  ) AS f
$$;
--> statement-breakpoint
-- Only the turn that holds the session can hand it on; one that waits just leaves the line. The caller has locked it.
CREATE OR REPLACE FUNCTION pantheon_close_turn(p_turn uuid, p_status text, p_hands_on boolean) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  t turns%ROWTYPE;
BEGIN
  SELECT * INTO t FROM turns WHERE id = p_turn;
  IF p_status = 'failed' AND jsonb_typeof(t.error) IS DISTINCT FROM 'object' THEN t.error := pantheon_failure_of(p_turn); END IF;
  UPDATE turns SET status = p_status, error = t.error, is_active = false, pause = NULL, pending_steps = 0, finished_at = pantheon_now() WHERE id = p_turn;
  DELETE FROM outbox WHERE turn_id = p_turn AND kind = 'step';
  PERFORM pantheon_emit(p_turn, 'turn.' || p_status, jsonb_build_object('status', p_status)
    || CASE jsonb_typeof(t.error) WHEN 'object' THEN jsonb_build_object('error', t.error) ELSE '{}' END);
  IF p_hands_on AND t.is_active THEN PERFORM pantheon_activate_next(t.session_id); END IF;
END $$;
--> statement-breakpoint
-- Turns that failed before, and the last lines of their logs, say why as well.
SET LOCAL ROLE pantheon_system;
--> statement-breakpoint
UPDATE turns SET error = pantheon_failure_of(id) WHERE status = 'failed' AND jsonb_typeof(error) IS DISTINCT FROM 'object';
--> statement-breakpoint
UPDATE turn_events e SET data = e.data || jsonb_build_object('error', t.error) FROM turns t
WHERE t.id = e.turn_id AND t.status = 'failed' AND e.type = 'turn.failed' AND NOT e.data ? 'error';
--> statement-breakpoint
RESET ROLE;
