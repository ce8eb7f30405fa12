-- The most tokens that what was said before can be in a prompt, as far as it matters. Walks back along the index.
CREATE FUNCTION pantheon_history_bound(p_session uuid, p_most int) RETURNS int
LANGUAGE plpgsql STABLE SET enable_sort = off SET enable_bitmapscan = off SET enable_seqscan = off AS $$
DECLARE
  said record;
  running int := 0;
BEGIN
  FOR said IN SELECT m.bound_tokens FROM messages m WHERE m.session_id = p_session AND m.is_in_history
    ORDER BY m.turn_index DESC, m.position DESC
  LOOP
    running := running + said.bound_tokens;
    EXIT WHEN running >= p_most;
  END LOOP;
  RETURN running;
END $$;
--> statement-breakpoint
-- Replies that open turns of the session may still add to its history.
CREATE FUNCTION pantheon_replies_to_come(p_session uuid) RETURNS int LANGUAGE sql STABLE AS $$
  SELECT coalesce(sum(coalesce((t.plan->>'most_replies')::int, t.total_steps) - t.total_steps + t.pending_steps), 0)::int
  FROM turns t WHERE t.session_id = p_session AND t.status IN ('queued', 'running', 'paused')
$$;
--> statement-breakpoint
CREATE FUNCTION pantheon_add_steps(p_turn turns, p_steps jsonb) RETURNS void LANGUAGE sql AS $$
  INSERT INTO turn_steps (id, owner_id, turn_id, step_index, purpose, agent_key, round, status, waiting_on, unblocks, sees, window_tokens,
    prompt_bound, hold_units, created_at, updated_at, finished_at)
  SELECT s.id, p_turn.owner_id, p_turn.id, s.step_index, s.purpose, s.agent_key, s.round,
    CASE WHEN p_turn.finished_at IS NOT NULL THEN 'cancelled' WHEN s.waiting_on = 0 THEN 'ready' ELSE 'waiting' END, s.waiting_on, s.unblocks,
    s.sees, s.window_tokens, s.prompt_bound, s.hold_units, p_turn.updated_at, p_turn.updated_at, p_turn.finished_at
  FROM jsonb_to_recordset(p_steps) AS s(id uuid, step_index int, purpose text, agent_key text, round int, waiting_on int,
    unblocks int[], sees int[], window_tokens int, prompt_bound int, hold_units bigint)
$$;
--> statement-breakpoint
-- The fenced write of a new turn: session, limits, place, plan, first message, steps, audit, log, holds, outbox and kept answer.
CREATE OR REPLACE FUNCTION pantheon_create_turn(p jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  v_session sessions%ROWTYPE;
  v_turn turns%ROWTYPE;
  active uuid;
  slot jsonb;
  refusal jsonb;
  refused_with text;
  is_refused boolean := p->>'status' = 'failed';
BEGIN
  SELECT * INTO v_session FROM sessions WHERE id = (p->>'session_id')::uuid AND deleted_at IS NULL FOR NO KEY UPDATE;
  IF NOT FOUND THEN RETURN jsonb_build_object('kind', 'missing'); END IF;
  active := pantheon_lock_active_turn(v_session.id);
  IF active IS NOT NULL AND p->>'on_busy' = 'reject' THEN RETURN jsonb_build_object('kind', 'busy', 'turn_id', active); END IF;
  slot := pantheon_take_turn_slot((p->>'per_minute')::int, (p->>'per_hour')::int);
  IF NOT (slot->>'is_free')::boolean THEN RETURN jsonb_build_object('kind', 'rate_limited', 'slot', slot); END IF;
  IF active IS NOT NULL AND p->>'on_busy' = 'interrupt' AND NOT is_refused THEN
    PERFORM pantheon_cancel_turn(active, false);
    active := NULL;
  END IF;
  UPDATE sessions SET turn_count = turn_count + 1 WHERE id = v_session.id RETURNING * INTO v_session;
  INSERT INTO turns (id, owner_id, room_id, session_id, turn_index, status, is_active, mode, rounds, plan, metadata, budget_units, error,
    pending_steps, total_steps, created_at, updated_at, finished_at)
  VALUES ((p->>'id')::uuid, v_session.owner_id, v_session.room_id, v_session.id, v_session.turn_count, p->>'status', active IS NULL AND NOT is_refused,
    p->>'mode', (p->>'rounds')::int, p->'plan', p->'metadata', (p->>'budget_units')::bigint, p->'error', CASE WHEN is_refused THEN 0 ELSE jsonb_array_length(p->'steps') END,
    jsonb_array_length(p->'steps'), (p->>'created_at')::timestamptz, (p->>'created_at')::timestamptz,
    CASE WHEN is_refused THEN (p->>'created_at')::timestamptz END)
  RETURNING * INTO v_turn;
  INSERT INTO messages (id, owner_id, session_id, turn_id, turn_index, position, author, text, tokens, is_in_history, created_at)
  VALUES ((p->'message'->>'id')::uuid, v_session.owner_id, v_session.id, v_turn.id, v_session.turn_count, 0, 'user',
    p->'message'->>'text', (p->'message'->>'tokens')::int, NOT is_refused, (p->>'created_at')::timestamptz);
  PERFORM pantheon_add_steps(v_turn, p->'steps');
  INSERT INTO turn_context_audit (id, owner_id, turn_id, step_index, agent_key, attempt, audit, created_at)
  SELECT a.id, v_session.owner_id, v_turn.id, a.step_index, a.agent_key, 0, a.audit, (p->>'created_at')::timestamptz
  FROM jsonb_to_recordset(p->'audits') AS a(id uuid, step_index int, agent_key text, audit jsonb);
  PERFORM pantheon_emit(v_turn.id, 'turn.created', jsonb_build_object('session_id', v_session.id, 'turn_index', v_session.turn_count, 'mode', p->>'mode'));
  IF is_refused THEN PERFORM pantheon_emit(v_turn.id, 'turn.failed', jsonb_build_object('status', 'failed', 'error', p->'error')); END IF;
  refusal := pantheon_try_hold(v_turn.id);
  IF refusal IS NOT NULL THEN RAISE EXCEPTION 'the turn cannot be paid for' USING ERRCODE = 'PT402', DETAIL = refusal::text; END IF;
  IF active IS NULL AND NOT is_refused THEN
    PERFORM pantheon_post_step(s.id, 0) FROM turn_steps s WHERE s.turn_id = v_turn.id AND s.status = 'ready';
  END IF;
  IF p->'reply' <> 'null'::jsonb THEN
    INSERT INTO idempotency_keys (owner_id, key, fingerprint, status, headers, body, expires_at)
    VALUES (v_session.owner_id, p->'reply'->>'key', p->'reply'->>'fingerprint', (p->'reply'->>'status')::int, p->'reply'->'headers',
      (p->'reply'->>'body_before_index') || v_session.turn_count || (p->'reply'->>'body_after_index'), (p->'reply'->>'expires_at')::timestamptz);
  END IF;
  RETURN jsonb_build_object('kind', 'created', 'turn_index', v_session.turn_count, 'slot', slot, 'letters', pantheon_posted_here());
EXCEPTION WHEN SQLSTATE 'PT402' THEN
  -- All of it is undone, an interrupted turn and the counted slot too.
  GET STACKED DIAGNOSTICS refused_with = PG_EXCEPTION_DETAIL;
  RETURN jsonb_build_object('kind', 'unaffordable', 'refusal', refused_with::jsonb);
END $$;
--> statement-breakpoint
-- Only the turn that holds the session can hand it on; one that waits just leaves the line. The caller has locked it.
CREATE OR REPLACE FUNCTION pantheon_close_turn(p_turn uuid, p_status text, p_hands_on boolean) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  t turns%ROWTYPE;
BEGIN
  SELECT * INTO t FROM turns WHERE id = p_turn;
  UPDATE turns SET status = p_status, is_active = false, pause = NULL, pending_steps = 0, finished_at = pantheon_now() WHERE id = p_turn;
  DELETE FROM outbox WHERE turn_id = p_turn AND kind = 'step';
  PERFORM pantheon_emit(p_turn, 'turn.' || p_status, jsonb_build_object('status', p_status)
    || CASE jsonb_typeof(t.error) WHEN 'object' THEN jsonb_build_object('error', t.error) ELSE '{}' END);
  IF p_hands_on AND t.is_active THEN PERFORM pantheon_activate_next(t.session_id); END IF;
END $$;
--> statement-breakpoint
-- Terminal at once; a call under way finds out when it commits. Answers what the turn's status was before.
CREATE OR REPLACE FUNCTION pantheon_cancel_turn(p_turn uuid, p_hands_on boolean) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  before text;
BEGIN
  SELECT status INTO before FROM turns WHERE id = p_turn FOR NO KEY UPDATE;
  IF before IS NULL OR pantheon_is_over(before) THEN RETURN before; END IF;
  PERFORM pantheon_cancel_steps(p_turn);
  PERFORM pantheon_close_turn(p_turn, 'cancelled', p_hands_on);
  PERFORM pantheon_release(p_turn);
  RETURN before;
END $$;
--> statement-breakpoint
-- For a message that no delivery can ever carry out: its turn, if there is one, ends here and not in silence.
CREATE OR REPLACE FUNCTION pantheon_fail_turn(p_turn uuid, p_error jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  before text;
BEGIN
  SELECT status INTO before FROM turns WHERE id = p_turn FOR NO KEY UPDATE;
  IF before IS NULL OR pantheon_is_over(before) THEN RETURN '[]'; END IF;
  UPDATE turns SET error = p_error WHERE id = p_turn;
  PERFORM pantheon_cancel_steps(p_turn);
  PERFORM pantheon_close_turn(p_turn, 'failed', true);
  PERFORM pantheon_release(p_turn);
  RETURN pantheon_posted_here();
END $$;
--> statement-breakpoint
-- With a room or a session go its turns, in the same transaction.
CREATE OR REPLACE FUNCTION pantheon_cancel_turns_of(p_sessions uuid[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  open_turn uuid;
BEGIN
  -- All of them are locked before the first one's money is.
  PERFORM 1 FROM turns WHERE session_id = ANY (p_sessions) AND NOT pantheon_is_over(status) ORDER BY id FOR NO KEY UPDATE;
  FOR open_turn IN SELECT id FROM turns WHERE session_id = ANY (p_sessions) AND NOT pantheon_is_over(status) ORDER BY id LOOP
    PERFORM pantheon_cancel_turn(open_turn, false);
  END LOOP;
END $$;
--> statement-breakpoint
-- A step's end, whoever decides it: those that waited for it may go, and the last one closes the turn, unless it goes on.
-- Counters are read from the rows as updated here, so that siblings that end together cannot both miss the join.
CREATE FUNCTION pantheon_end_step(p_step uuid, p_status text, p_error jsonb, p_message jsonb, p_goes_on boolean) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  ended turn_steps%ROWTYPE;
  of_turn turns%ROWTYPE;
  agent jsonb;
BEGIN
  UPDATE turn_steps SET status = p_status, error = p_error, finished_at = pantheon_now(), lease_until = NULL, checkpoint = NULL,
    -- The claim that gave the step up was no attempt of the agent.
    attempts = attempts - (coalesce(p_error->>'type' = 'attempts_exhausted', false))::int,
    flags = coalesce(ARRAY(SELECT jsonb_array_elements_text(p_message->'flags')), '{}')
  WHERE id = p_step RETURNING * INTO ended;
  UPDATE turns SET pending_steps = pending_steps - 1, failed_steps = failed_steps + (p_status = 'failed')::int
  WHERE id = ended.turn_id RETURNING * INTO of_turn;
  SELECT a INTO agent FROM jsonb_array_elements(of_turn.plan->'agents') AS a WHERE a->>'key' = ended.agent_key;
  INSERT INTO messages (id, owner_id, session_id, turn_id, turn_index, position, author, agent_key, agent_name, error_type, text, tokens, created_at)
  VALUES ((p_message->>'id')::uuid, of_turn.owner_id, of_turn.session_id, of_turn.id, of_turn.turn_index, ended.step_index + 1,
    CASE p_status WHEN 'done' THEN 'agent' ELSE 'failed_agent' END, ended.agent_key, agent->>'name', p_error->>'type',
    p_message->>'text', (p_message->>'tokens')::int, pantheon_now());
  IF p_status = 'done' THEN
    PERFORM pantheon_emit(of_turn.id, 'message.completed', jsonb_build_object('step_id', ended.id, 'agent_key', ended.agent_key,
      'agent_name', agent->>'name', 'round', ended.round, 'message_id', p_message->>'id', 'text', p_message->>'text'));
  ELSE
    PERFORM pantheon_emit(of_turn.id, 'step.failed', jsonb_build_object('step_id', ended.id, 'agent_key', ended.agent_key,
      'agent_name', agent->>'name', 'round', ended.round, 'error', p_error));
  END IF;
  UPDATE turn_steps SET waiting_on = waiting_on - 1 WHERE turn_id = of_turn.id AND step_index = ANY (ended.unblocks) AND status = 'waiting';
  UPDATE turn_steps SET status = 'ready' WHERE turn_id = of_turn.id AND status = 'waiting' AND waiting_on = 0;
  PERFORM pantheon_post_step(s.id, 0) FROM turn_steps s
    WHERE s.turn_id = of_turn.id AND s.status = 'ready' AND s.step_index = ANY (ended.unblocks);
  IF of_turn.pending_steps = 0 AND NOT p_goes_on THEN
    PERFORM pantheon_close_turn(of_turn.id, CASE of_turn.failed_steps WHEN 0 THEN 'completed' WHEN of_turn.total_steps THEN 'failed' ELSE 'partial' END, true);
  END IF;
END $$;
--> statement-breakpoint
-- Steps that are planned on the way, once all before them have ended. Held for at once; where that cannot be, the turn pauses.
CREATE FUNCTION pantheon_go_on(p_turn uuid, p_next jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  t turns%ROWTYPE;
  refusal jsonb;
BEGIN
  UPDATE turns SET pending_steps = jsonb_array_length(p_next), total_steps = total_steps + jsonb_array_length(p_next)
    WHERE id = p_turn AND pending_steps = 0 RETURNING * INTO t;
  IF NOT FOUND THEN RETURN; END IF;
  PERFORM pantheon_add_steps(t, p_next);
  refusal := pantheon_try_hold(p_turn);
  IF refusal IS NULL THEN
    PERFORM pantheon_post_step(s.id, 0) FROM turn_steps s WHERE s.turn_id = p_turn AND s.status = 'ready';
  ELSE
    UPDATE turns SET status = 'paused', pause = refusal WHERE id = p_turn;
    PERFORM pantheon_emit(p_turn, 'turn.paused', jsonb_build_object('status', 'paused', 'pause', refusal));
  END IF;
END $$;
--> statement-breakpoint
-- A paused turn goes on where it stopped, once what is planned can be held for. A budget given raises the turn's own.
CREATE FUNCTION pantheon_resume_turn(p_turn uuid, p_budget_units bigint) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  before text;
  refusal jsonb;
  refused_with text;
BEGIN
  SELECT status INTO before FROM turns WHERE id = p_turn FOR NO KEY UPDATE;
  IF before IS NULL THEN RETURN jsonb_build_object('kind', 'missing'); END IF;
  IF before <> 'paused' THEN RETURN jsonb_build_object('kind', 'not_paused', 'status', before); END IF;
  UPDATE turns SET status = 'running', pause = NULL, budget_units = coalesce(p_budget_units, budget_units) WHERE id = p_turn;
  refusal := pantheon_try_hold(p_turn);
  IF refusal IS NOT NULL THEN RAISE EXCEPTION 'the turn cannot be paid for' USING ERRCODE = 'PT402', DETAIL = refusal::text; END IF;
  PERFORM pantheon_emit(p_turn, 'turn.resumed', jsonb_build_object('status', 'running'));
  PERFORM pantheon_post_step(s.id, 0) FROM turn_steps s WHERE s.turn_id = p_turn AND s.status = 'ready';
  RETURN jsonb_build_object('kind', 'resumed', 'letters', pantheon_posted_here());
EXCEPTION WHEN SQLSTATE 'PT402' THEN
  GET STACKED DIAGNOSTICS refused_with = PG_EXCEPTION_DETAIL;
  RETURN jsonb_build_object('kind', 'unaffordable', 'refusal', refused_with::jsonb);
END $$;
--> statement-breakpoint
-- Locks the turn, then the step, always in this order; decides by the database's clock who may run.
CREATE OR REPLACE FUNCTION pantheon_claim_step(p jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  t turns%ROWTYPE;
  s turn_steps%ROWTYPE;
  now_at timestamptz := pantheon_now();
BEGIN
  SELECT * INTO t FROM turns WHERE id = (p->>'turn')::uuid FOR NO KEY UPDATE;
  SELECT * INTO s FROM turn_steps WHERE id = (p->>'step')::uuid AND turn_id = t.id FOR NO KEY UPDATE;
  IF s.id IS NULL THEN RETURN jsonb_build_object('kind', 'unknown'); END IF;
  -- A sweep may have written a letter for a step that ended at that moment; its message has now arrived.
  IF s.status IN ('done', 'failed', 'cancelled') THEN DELETE FROM outbox WHERE kind = 'step' AND target_id = s.id; END IF;
  IF pantheon_is_over(t.status) THEN RETURN jsonb_build_object('kind', 'over', 'letters', pantheon_still_posted(t.id)); END IF;
  IF s.status IN ('done', 'failed', 'cancelled') THEN RETURN jsonb_build_object('kind', 'finished', 'letters', pantheon_still_posted(t.id)); END IF;
  IF s.status = 'waiting' OR NOT t.is_active OR t.status = 'paused' THEN RETURN jsonb_build_object('kind', 'not_ready'); END IF;
  IF greatest(s.lease_until, s.not_before) > now_at THEN
    RETURN jsonb_build_object('kind', 'leased', 'retry_after_seconds', ceil(extract(epoch FROM greatest(s.lease_until, s.not_before) - now_at)));
  END IF;
  DELETE FROM outbox WHERE kind = 'step' AND target_id = s.id;
  -- A holder that came to give the step up made no call.
  IF s.status = 'running' AND s.attempts <= (p->>'max_attempts')::int THEN
    PERFORM pantheon_book_lost_attempt(t, s, (p->>'lost_id')::uuid);
    s.lost_attempts := s.lost_attempts + 1;
  END IF;
  UPDATE turn_steps SET status = 'running', token = s.token + 1, attempts = s.attempts + 1, lost_attempts = s.lost_attempts, not_before = NULL,
    lease_until = now_at + make_interval(secs => (p->>'lease_seconds')::int), started_at = coalesce(s.started_at, now_at)
  WHERE id = s.id;
  IF t.status = 'queued' THEN
    UPDATE turns SET status = 'running', started_at = now_at WHERE id = t.id;
    PERFORM pantheon_emit(t.id, 'turn.started', '{}');
  END IF;
  IF s.started_at IS NULL THEN
    PERFORM pantheon_emit(t.id, 'step.started', jsonb_build_object('step_id', s.id, 'agent_key', s.agent_key, 'round', s.round));
  END IF;
  RETURN jsonb_build_object('kind', 'won', 'token', s.token + 1, 'owner_id', t.owner_id, 'turn_index', t.turn_index, 'plan', t.plan,
    'step', jsonb_build_object('id', s.id, 'index', s.step_index, 'agent_key', s.agent_key, 'purpose', s.purpose, 'round', s.round,
      'waited_seconds', s.waited_seconds, 'attempts', s.attempts + 1, 'prompt_bound', s.prompt_bound),
    'is_exhausted', s.attempts >= (p->>'max_attempts')::int,
    'checkpoint', s.checkpoint, 'messages', pantheon_turn_messages(t.id, s.sees),
    'history', pantheon_history(t.session_id, t.turn_index, s.window_tokens, (p->>'recent_turns')::int));
END $$;
--> statement-breakpoint
-- Fenced by the token of the claim. Sent again after a lost answer it finds itself done and changes nothing.
CREATE OR REPLACE FUNCTION pantheon_commit_step(p jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  t turns%ROWTYPE;
  s turn_steps%ROWTYPE;
  v_token int := p->>'token';
  wait_seconds int := p->>'retry_after_seconds';
BEGIN
  SELECT * INTO t FROM turns WHERE id = (p->>'turn')::uuid FOR NO KEY UPDATE;
  SELECT * INTO s FROM turn_steps WHERE id = (p->>'step')::uuid AND turn_id = t.id FOR NO KEY UPDATE;
  IF s.id IS NULL OR s.token <> v_token THEN RETURN jsonb_build_object('kind', 'fenced'); END IF;
  IF s.status = 'cancelled' THEN
    -- Without a lease the attempt is booked already: by this commit, sent before, or as lost.
    IF s.lease_until IS NOT NULL THEN
      UPDATE turn_steps SET lease_until = NULL WHERE id = s.id;
      PERFORM pantheon_settle(t, s, v_token, p->'calls', true);
    END IF;
    RETURN jsonb_build_object('kind', 'cancelled');
  END IF;
  IF s.status <> 'running' THEN RETURN jsonb_build_object('kind', 'already', 'letters', pantheon_still_posted(t.id)); END IF;
  INSERT INTO turn_context_audit (id, owner_id, turn_id, step_index, agent_key, attempt, audit, created_at)
    VALUES ((p->>'audit_id')::uuid, t.owner_id, t.id, s.step_index, s.agent_key, v_token, p->'audit', pantheon_now())
    ON CONFLICT (turn_id, step_index, attempt) DO NOTHING;
  IF p->>'outcome' IN ('done', 'failed') THEN
    PERFORM pantheon_end_step(s.id, p->>'outcome', nullif(p->'error', 'null'::jsonb), p->'message', coalesce(jsonb_array_length(p->'next'), 0) > 0);
    PERFORM pantheon_settle(t, s, v_token, p->'calls', true);
    IF jsonb_array_length(p->'next') > 0 THEN PERFORM pantheon_go_on(t.id, p->'next'); END IF;
  ELSIF p->>'outcome' = 'continue' THEN
    UPDATE turn_steps SET status = 'ready', checkpoint = p->>'checkpoint', attempts = 0, lease_until = NULL WHERE id = s.id;
    PERFORM pantheon_post_step(s.id, 0);
    PERFORM pantheon_settle(t, s, v_token, p->'calls', false);
  ELSE
    -- Back to the queue, which brings the same message again; the letter is only for the case that it does not.
    UPDATE turn_steps SET status = 'ready', lease_until = NULL, not_before = pantheon_now() + make_interval(secs => wait_seconds),
      waited_seconds = waited_seconds + wait_seconds, attempts = CASE WHEN (p->>'is_fault')::boolean THEN attempts ELSE attempts - 1 END
    WHERE id = s.id;
    PERFORM pantheon_post_step(s.id, wait_seconds + 30);
    PERFORM pantheon_settle(t, s, v_token, p->'calls', false);
    RETURN jsonb_build_object('kind', 'committed', 'letters', '[]'::jsonb);
  END IF;
  RETURN jsonb_build_object('kind', 'committed', 'letters', pantheon_posted_here());
END $$;
--> statement-breakpoint
-- The holder of a cancelled call never came back: its attempt is booked as lost, and what was held for it is released.
CREATE OR REPLACE FUNCTION pantheon_book_unheard(p_limit int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  unheard record;
  t turns%ROWTYPE;
  s turn_steps%ROWTYPE;
BEGIN
  -- By owner, so that two sweeps lock the money of several in one order.
  FOR unheard IN SELECT u.turn_id, u.id FROM (SELECT owner_id, turn_id, id FROM turn_steps
    WHERE status = 'cancelled' AND lease_until IS NOT NULL AND lease_until < pantheon_now() ORDER BY lease_until, id LIMIT p_limit) AS u
    ORDER BY u.owner_id, u.turn_id, u.id
  LOOP
    SELECT * INTO t FROM turns WHERE id = unheard.turn_id FOR NO KEY UPDATE SKIP LOCKED;
    CONTINUE WHEN NOT FOUND;
    SELECT * INTO s FROM turn_steps WHERE id = unheard.id AND lease_until IS NOT NULL FOR NO KEY UPDATE;
    CONTINUE WHEN NOT FOUND;
    PERFORM pantheon_book_lost_attempt(t, s, gen_random_uuid());
    UPDATE turn_steps SET lease_until = NULL, lost_attempts = lost_attempts + 1 WHERE id = s.id;
    PERFORM pantheon_release(t.id);
  END LOOP;
END $$;
--> statement-breakpoint
DROP FUNCTION pantheon_record_calls(turns, turn_steps, int, jsonb);
--> statement-breakpoint
DROP FUNCTION pantheon_end_step(uuid, text, jsonb, jsonb);
