-- A paused turn goes on where it stopped, once its planned steps can be held for. A given budget replaces the turn's.
CREATE OR REPLACE FUNCTION pantheon_resume_turn(p_turn uuid, p_budget_units bigint) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  before text;
  refusal jsonb;
  refused_with text;
BEGIN
  SELECT status INTO before FROM turns WHERE id = p_turn FOR NO KEY UPDATE;
  IF before IS NULL THEN RETURN jsonb_build_object('kind', 'missing'); END IF;
  IF before <> 'paused' THEN RETURN jsonb_build_object('kind', 'not_paused', 'status', before); END IF;
  -- What waits for a decision is not a matter of money.
  IF (SELECT pause->>'code' FROM turns WHERE id = p_turn) = 'approval_required' THEN
    RETURN jsonb_build_object('kind', 'awaiting_approval');
  END IF;
  UPDATE turns SET status = 'running', pause = NULL, budget_units = coalesce(p_budget_units, budget_units)
    WHERE id = p_turn;
  refusal := pantheon_try_hold(p_turn);
  IF refusal IS NOT NULL THEN
    RAISE EXCEPTION 'the turn cannot be paid for' USING ERRCODE = 'PT402', DETAIL = refusal::text;
  END IF;
  PERFORM pantheon_emit(p_turn, 'turn.resumed', jsonb_build_object('status', 'running'));
  PERFORM pantheon_post_step(s.id, 0) FROM turn_steps s WHERE s.turn_id = p_turn AND s.status = 'ready';
  RETURN jsonb_build_object('kind', 'resumed', 'outbox', pantheon_outbox_of_transaction());
EXCEPTION WHEN SQLSTATE 'PT402' THEN
  GET STACKED DIAGNOSTICS refused_with = PG_EXCEPTION_DETAIL;
  RETURN jsonb_build_object('kind', 'unaffordable', 'refusal', refused_with::jsonb);
END $$;
