DROP FUNCTION pantheon_go_on(p_turn uuid, p_next jsonb);
--> statement-breakpoint
DROP FUNCTION pantheon_book_unheard(p_limit int);
--> statement-breakpoint
DROP FUNCTION pantheon_rest(p_turn uuid);
--> statement-breakpoint
DROP FUNCTION pantheon_decide(p_turn uuid, p_decisions jsonb);
--> statement-breakpoint
DROP FUNCTION pantheon_still_posted(p_turn uuid);
--> statement-breakpoint
DROP FUNCTION pantheon_posted_here();
--> statement-breakpoint
DROP FUNCTION pantheon_letter(o outbox);
--> statement-breakpoint
DROP FUNCTION pantheon_to_summarise(p_session uuid, p_through int, p_characters int);
--> statement-breakpoint
DROP FUNCTION pantheon_settle(p_turn turns, p_step turn_steps, p_token int, p_calls jsonb, p_is_over boolean);
--> statement-breakpoint
DROP FUNCTION pantheon_said(m messages);
--> statement-breakpoint
-- function: history/measure-history.sql
-- A new turn finds so much: the most tokens of summary, pinned and uncovered messages, and an estimate of the
-- uncovered ones. Nothing is counted beyond what a model can read or a step is given.
CREATE OR REPLACE FUNCTION pantheon_measure_history(p_session uuid, p_most int, p_recent_turns int) RETURNS jsonb
LANGUAGE plpgsql STABLE SET enable_sort = off SET enable_bitmapscan = off SET enable_seqscan = off AS $$
DECLARE
  said record;
  summary session_summaries%ROWTYPE;
  covered int;
  bound bigint;
  uncovered bigint := 0;
  uncovered_turns int := 0;
  uncovered_messages int := 0;
  longest int := 0;
  turns_read int := 0;
  of_index int;
BEGIN
  SELECT * INTO summary FROM session_summaries s WHERE s.session_id = p_session ORDER BY s.version DESC LIMIT 1;
  covered := coalesce(summary.through_turn_index, 0);
  bound := coalesce(summary.bound_tokens, 0);
  FOR said IN SELECT m.turn_index, m.tokens, m.bound_tokens FROM messages m
    WHERE m.session_id = p_session AND m.is_in_history
    ORDER BY m.turn_index DESC, m.position DESC
  LOOP
    IF said.turn_index IS DISTINCT FROM of_index THEN
      EXIT WHEN turns_read >= p_recent_turns AND (said.turn_index <= covered OR uncovered >= p_most
        OR uncovered_messages > 4000);
      of_index := said.turn_index;
      turns_read := turns_read + 1;
      uncovered_turns := uncovered_turns + (said.turn_index > covered)::int;
    END IF;
    bound := bound + said.bound_tokens;
    IF said.turn_index > covered THEN
      uncovered := uncovered + said.tokens;
      uncovered_messages := uncovered_messages + 1;
      longest := greatest(longest, said.bound_tokens);
    END IF;
  END LOOP;
  SELECT bound + coalesce(sum(m.bound_tokens), 0) INTO bound FROM messages m
    WHERE m.session_id = p_session AND m.is_pinned AND m.is_in_history AND m.turn_index < of_index;
  RETURN jsonb_build_object('boundTokens', least(bound, 1000000000), 'unsummarizedTokens', least(uncovered, 1000000000),
    'unsummarizedTurns', uncovered_turns, 'unsummarizedMessages', uncovered_messages, 'longestBoundTokens', longest);
END $$;
--> statement-breakpoint
-- function: history/message-json.sql
-- A message in a window carries these fields and no others.
CREATE OR REPLACE FUNCTION pantheon_message_json(m messages) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT jsonb_build_object('id', m.id, 'turn_index', m.turn_index, 'position', m.position, 'author', m.author,
    'agent_key', m.agent_key, 'agent_name', m.agent_name, 'error_type', m.error_type, 'text', m.text,
    'tokens', m.tokens, 'token_class', m.token_class, 'is_pinned', m.is_pinned, 'private_to', m.private_to,
    'group_id', m.group_id)
$$;
--> statement-breakpoint
-- function: history/turn-messages.sql
-- A step sees the user's message of its turn and the outcomes of the steps named.
CREATE OR REPLACE FUNCTION pantheon_turn_messages(p_turn uuid, p_sees int[]) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT coalesce(jsonb_agg(pantheon_message_json(m) ORDER BY m.position), '[]')
  FROM messages m WHERE m.turn_id = p_turn AND (m.position = 0 OR m.position - 1 = ANY (p_sees))
$$;
--> statement-breakpoint
-- function: history/window.sql
-- A window holds the summary, what is pinned, the recent turns, and the newest whole turns that fit p_tokens.
-- The walk back along the index stops where the window is full, so a long session costs no more to read.
CREATE OR REPLACE FUNCTION pantheon_window(p_session uuid, p_before_index int, p_tokens int, p_recent_turns int)
RETURNS jsonb
LANGUAGE plpgsql STABLE SET enable_sort = off SET enable_bitmapscan = off SET enable_seqscan = off AS $$
DECLARE
  said record;
  summary jsonb := pantheon_summary_in_force(p_session);
  covered int := coalesce((summary->>'through_turn_index')::int, 0);
  running bigint := 0;
  of_index int := p_before_index;
  turns_read int := 0;
  messages_read int := 0;
  after_index int := 0;
BEGIN
  -- Without a sort the index gives the order, so that reading stops where the window ends. A refused turn is no recent
  -- one.
  FOR said IN SELECT m.turn_index, m.tokens FROM messages m
    WHERE m.session_id = p_session AND m.turn_index < p_before_index AND m.is_in_history
    ORDER BY m.turn_index DESC, m.position DESC
  LOOP
    IF said.turn_index < of_index THEN
      of_index := said.turn_index;
      turns_read := turns_read + 1;
    END IF;
    running := running + said.tokens + 1;
    messages_read := messages_read + 1;
    IF turns_read > p_recent_turns AND (running > p_tokens OR messages_read > 4000 OR said.turn_index <= covered) THEN
      after_index := said.turn_index;
      EXIT;
    END IF;
  END LOOP;
  RETURN jsonb_build_object('summary', summary, 'reads_from_turn_index', after_index + 1, 'messages', (
    SELECT coalesce(jsonb_agg(said_row.said ORDER BY said_row.turn_index, said_row.position), '[]') FROM (
      SELECT pantheon_message_json(m) AS said, m.turn_index, m.position FROM messages m
      WHERE m.session_id = p_session AND m.turn_index <= after_index AND m.is_pinned AND m.is_in_history
      UNION ALL
      SELECT pantheon_message_json(m), m.turn_index, m.position FROM messages m
      WHERE m.session_id = p_session AND m.turn_index > after_index AND m.turn_index < p_before_index
        AND m.is_in_history
    ) AS said_row));
END $$;
--> statement-breakpoint
-- function: holds/charge-attempt.sql
-- An attempt's calls are paid from the step's hold, never beyond it; the platform pays what is left and what gave
-- no result. The hold closes with the step.
CREATE OR REPLACE FUNCTION pantheon_charge_attempt(p_turn turns, p_step turn_steps, p_token int, p_calls jsonb,
  p_is_over boolean)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  h holds%ROWTYPE;
  sums record;
  freed bigint;
BEGIN
  PERFORM pantheon_lock_money(p_turn.owner_id);
  SELECT * INTO h FROM holds WHERE step_id = p_step.id AND is_open;
  SELECT * INTO sums FROM pantheon_record_calls(p_turn, p_step, p_token, p_calls,
    coalesce(h.units - h.charged_units, 0));
  freed := CASE WHEN p_is_over THEN coalesce(h.units - h.charged_units, 0) - sums.charged ELSE 0 END;
  UPDATE holds SET charged_units = charged_units + sums.charged, is_open = NOT p_is_over,
      closed_at = CASE WHEN p_is_over THEN pantheon_now() END
    WHERE step_id = h.step_id;
  PERFORM pantheon_count_budget(p_turn, h.held_on, -(sums.charged + freed), sums.charged);
  INSERT INTO ledger_entries (operation_key, owner_id, account_kind, reason, amount_units, turn_id, created_at)
  SELECT 'settle:' || p_step.id || ':' || p_token, p_turn.owner_id, e.kind, 'settle', e.units, p_turn.id, pantheon_now()
  FROM (VALUES ('held', -(sums.charged + freed)), ('wallet', freed), ('revenue', sums.metered), ('waste', -sums.wasted),
    ('variance', sums.charged + sums.wasted - sums.metered)) AS e(kind, units)
  WHERE e.units <> 0;
  IF sums.charged > 0 THEN PERFORM pantheon_tell_low_balance(p_turn, sums.charged); END IF;
END $$;
--> statement-breakpoint
-- function: memory/begin-summary.sql
-- A summary is a turn of its own beside the conversation: at most one at a time, none that cannot be paid for, and
-- none decided on a history that was summed up since: the insert waits for the summary before it to end.
CREATE OR REPLACE FUNCTION pantheon_begin_summary(p_session uuid, p jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  v_turn turns%ROWTYPE;
  refusal jsonb;
  refused_with text;
BEGIN
  INSERT INTO turns (id, owner_id, room_id, session_id, turn_index, status, is_active, mode, rounds, plan, metadata,
    pending_steps, total_steps, created_at, updated_at)
  SELECT (p->>'id')::uuid, s.owner_id, s.room_id, s.id,
    (SELECT least(min(t.turn_index), 0) - 1 FROM turns t WHERE t.session_id = s.id), 'queued', false, 'summary', 1,
    p->'plan', '{}', 1, 1, coalesce((p->>'created_at')::timestamptz, pantheon_now()), pantheon_now()
  FROM sessions s WHERE s.id = p_session AND s.deleted_at IS NULL
  ON CONFLICT DO NOTHING RETURNING * INTO v_turn;
  IF v_turn.id IS NULL THEN
    RETURN jsonb_build_object('kind', 'busy', 'turn_id',
      (SELECT t.id FROM turns t WHERE t.session_id = p_session AND t.mode = 'summary' AND t.finished_at IS NULL));
  END IF;
  IF coalesce((SELECT s.through_turn_index FROM session_summaries s WHERE s.session_id = p_session
    ORDER BY s.version DESC LIMIT 1), 0)
    <> (p->>'covered_through_turn_index')::int THEN
    RAISE EXCEPTION 'another summary was written since this one was decided on' USING ERRCODE = 'PT409';
  END IF;
  PERFORM pantheon_add_steps(v_turn, jsonb_build_array(p->'step'));
  PERFORM pantheon_emit(v_turn.id, 'turn.created',
    jsonb_build_object('session_id', v_turn.session_id, 'turn_index', v_turn.turn_index, 'mode', 'summary'));
  refusal := pantheon_try_hold(v_turn.id);
  IF refusal IS NOT NULL THEN
    RAISE EXCEPTION 'the summary cannot be paid for' USING ERRCODE = 'PT402', DETAIL = refusal::text;
  END IF;
  PERFORM pantheon_post_step((p->'step'->>'id')::uuid, 0);
  RETURN jsonb_build_object('kind', 'begun', 'turn_index', v_turn.turn_index,
    'outbox', pantheon_outbox_of_transaction());
EXCEPTION WHEN SQLSTATE 'PT409' THEN
  RETURN jsonb_build_object('kind', 'stale');
WHEN SQLSTATE 'PT402' THEN
  GET STACKED DIAGNOSTICS refused_with = PG_EXCEPTION_DETAIL;
  RETURN jsonb_build_object('kind', 'unaffordable', 'refusal', refused_with::jsonb);
END $$;
--> statement-breakpoint
-- function: memory/load-unsummarized.sql
-- A summary is made from the version before it, the register, and the messages after the place where that one stopped,
-- as many as p_characters take with 48 for each one's frame, and none of a turn after one that is not over.
CREATE OR REPLACE FUNCTION pantheon_load_unsummarized(p_session uuid, p_through int, p_characters int) RETURNS jsonb
LANGUAGE plpgsql STABLE SET enable_sort = off SET enable_bitmapscan = off SET enable_seqscan = off AS $$
DECLARE
  previous session_summaries%ROWTYPE;
  said record;
  from_index int;
  from_position int;
  through_index int := 0;
  through_position int := 0;
  left_over int := p_characters;
  has_more boolean := false;
  last_index int := least(p_through,
    (SELECT t.turn_index - 1 FROM turns t WHERE t.session_id = p_session AND t.is_active),
    (SELECT min(t.turn_index) - 1 FROM turns t
      WHERE t.session_id = p_session AND t.status = 'queued' AND NOT t.is_active AND t.turn_index > 0));
BEGIN
  SELECT * INTO previous FROM session_summaries s WHERE s.session_id = p_session ORDER BY s.version DESC LIMIT 1;
  from_index := coalesce((previous.cursor->>'turn_index')::int, previous.through_turn_index + 1, 1);
  from_position := coalesce((previous.cursor->>'position')::int, 0);
  FOR said IN SELECT m.turn_index, m.position, char_length(m.text) AS length FROM messages m
    WHERE m.session_id = p_session AND (m.turn_index, m.position) >= (from_index, from_position)
      AND m.turn_index <= last_index AND m.is_in_history AND m.private_to IS NULL
    ORDER BY m.turn_index, m.position
  LOOP
    IF left_over <= 0 THEN
      has_more := true;
      EXIT;
    END IF;
    left_over := left_over - 48 - said.length + CASE WHEN (said.turn_index, said.position) = (from_index, from_position)
      THEN coalesce((previous.cursor->>'offset')::int, 0) ELSE 0 END;
    through_index := said.turn_index;
    through_position := said.position;
  END LOOP;
  RETURN jsonb_build_object('previous', CASE WHEN previous.id IS NOT NULL THEN to_jsonb(previous) END,
    'has_more', has_more, 'through_turn_index', last_index,
    'messages', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', m.id, 'turn_index', m.turn_index,
        'position', m.position, 'author', m.author, 'agent_key', m.agent_key, 'agent_name', m.agent_name,
        'error_type', m.error_type, 'length', char_length(m.text), 'from_offset', skipped.by,
        'text', substr(m.text, skipped.by + 1, p_characters)) ORDER BY m.turn_index, m.position), '[]')
      FROM messages m CROSS JOIN LATERAL (SELECT CASE WHEN (m.turn_index, m.position) = (from_index, from_position)
        THEN coalesce((previous.cursor->>'offset')::int, 0) ELSE 0 END AS by) AS skipped
      WHERE m.session_id = p_session AND (m.turn_index, m.position) >= (from_index, from_position)
        AND (m.turn_index, m.position) <= (through_index, through_position)
        AND m.is_in_history AND m.private_to IS NULL),
    'entries', pantheon_open_entries(p_session),
    'open_counts', coalesce(previous.open_counts, pantheon_count_open(p_session)));
END $$;
--> statement-breakpoint
-- function: money/tell-low-balance.sql
-- The one charge that takes a user's money, holds included, below the figure is told to the endpoints that want it.
-- The caller has locked the money, so no two charges see one crossing.
CREATE OR REPLACE FUNCTION pantheon_tell_low_balance(p_turn turns, p_charged bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  low bigint := pantheon_low_balance_units();
  units bigint;
BEGIN
  SELECT sum(a.balance_units) INTO units FROM accounts a
    WHERE a.owner_id = p_turn.owner_id AND a.kind IN ('wallet', 'held');
  IF units >= low OR units + p_charged < low THEN RETURN; END IF;
  WITH made AS (
    INSERT INTO webhook_deliveries (id, owner_id, endpoint_id, type, data, next_at, created_at, updated_at)
    SELECT pantheon_new_id(), e.owner_id, e.id, 'wallet.low_balance',
      jsonb_build_object('balance', pantheon_credits(units), 'threshold', pantheon_credits(low)), pantheon_now(),
        pantheon_now(), pantheon_now()
    FROM webhook_endpoints e WHERE e.owner_id = p_turn.owner_id AND e.deleted_at IS NULL AND e.status = 'active'
      AND (cardinality(e.events) = 0 OR 'wallet.low_balance' = ANY (e.events))
    RETURNING id
  )
  -- The outbox row is the turn's, so that a commit sent again finds it among what the turn still has posted.
  INSERT INTO outbox (kind, target_id, turn_id, owner_id, generation, next_at, made_in)
  SELECT 'delivery', m.id, p_turn.id, p_turn.owner_id, 0, pantheon_now() + interval '30 seconds', txid_current()
    FROM made m;
END $$;
--> statement-breakpoint
-- function: outbox/outbox-message.sql
-- An outbox row goes to the queue with ids and figures only.
CREATE OR REPLACE FUNCTION pantheon_outbox_message(o outbox) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT jsonb_build_object('kind', o.kind, 'target', o.target_id, 'turn', o.turn_id,
    'generation', o.generation, 'attempt', o.attempts, 'delay_seconds', o.delay_seconds)
$$;
--> statement-breakpoint
-- function: outbox/outbox-of-transaction.sql
-- The answer holds the outbox rows that this transaction wrote.
CREATE OR REPLACE FUNCTION pantheon_outbox_of_transaction() RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT coalesce(jsonb_agg(pantheon_outbox_message(o)), '[]') FROM outbox o WHERE o.made_in = txid_current()
$$;
--> statement-breakpoint
-- function: outbox/outbox-of-turn.sql
-- The answer holds the outbox rows of the turn, and of the turn that it may have handed its session on to.
CREATE OR REPLACE FUNCTION pantheon_outbox_of_turn(p_turn uuid) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT coalesce(jsonb_agg(pantheon_outbox_message(o)), '[]') FROM outbox o
  WHERE o.turn_id IN (p_turn, (SELECT a.id FROM turns a
    WHERE a.is_active AND a.session_id = (SELECT t.session_id FROM turns t WHERE t.id = p_turn)))
$$;
--> statement-breakpoint
-- function: steps/claim-step.sql
-- A claim locks the turn, then the step, always in this order; the database's clock decides who may run.
CREATE OR REPLACE FUNCTION pantheon_claim_step(p jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  t turns%ROWTYPE;
  s turn_steps%ROWTYPE;
  now_at timestamptz := pantheon_now();
  v_window jsonb;
BEGIN
  SELECT * INTO t FROM turns WHERE id = (p->>'turn')::uuid FOR NO KEY UPDATE;
  SELECT * INTO s FROM turn_steps WHERE id = (p->>'step')::uuid AND turn_id = t.id FOR NO KEY UPDATE;
  IF s.id IS NULL THEN RETURN jsonb_build_object('kind', 'unknown'); END IF;
  -- A sweep may have written an outbox row for a step that ended at that moment; its message has now arrived.
  IF s.status IN ('done', 'failed', 'cancelled') THEN
    DELETE FROM outbox WHERE kind = 'step' AND target_id = s.id;
  END IF;
  IF pantheon_is_over(t.status) THEN
    RETURN jsonb_build_object('kind', 'over', 'outbox', pantheon_outbox_of_turn(t.id));
  END IF;
  IF s.status IN ('done', 'failed', 'cancelled') THEN
    RETURN jsonb_build_object('kind', 'finished', 'outbox', pantheon_outbox_of_turn(t.id));
  END IF;
  IF s.status IN ('waiting', 'awaiting') OR NOT (t.is_active OR t.mode = 'summary') OR t.status = 'paused' THEN
    RETURN jsonb_build_object('kind', 'not_ready');
  END IF;
  IF greatest(s.lease_until, s.not_before) > now_at THEN
    RETURN jsonb_build_object('kind', 'leased', 'retry_after_seconds',
      ceil(extract(epoch FROM greatest(s.lease_until, s.not_before) - now_at)));
  END IF;
  DELETE FROM outbox WHERE kind = 'step' AND target_id = s.id;
  -- A holder that came to give the step up made no call.
  IF s.status = 'running' AND s.attempts <= (p->>'max_attempts')::int THEN
    PERFORM pantheon_book_lost_attempt(t, s, (p->>'lost_id')::uuid);
    s.lost_attempts := s.lost_attempts + 1;
  END IF;
  UPDATE turn_steps SET status = 'running', token = s.token + 1, attempts = s.attempts + 1,
    lost_attempts = s.lost_attempts, not_before = NULL,
    lease_until = now_at + make_interval(secs => (p->>'lease_seconds')::int),
    started_at = coalesce(s.started_at, now_at)
  WHERE id = s.id;
  IF t.status = 'queued' THEN
    UPDATE turns SET status = 'running', started_at = now_at WHERE id = t.id;
    PERFORM pantheon_emit(t.id, 'turn.started', '{}');
  END IF;
  IF s.started_at IS NULL THEN
    PERFORM pantheon_emit(t.id, 'step.started', jsonb_build_object('step_id', s.id, 'agent_key', s.agent_key,
      'round', s.round, 'purpose', s.purpose));
  END IF;
  IF s.purpose <> 'summarize' THEN
    v_window := pantheon_window(t.session_id, t.turn_index, s.window_tokens, (p->>'recent_turns')::int);
  END IF;
  RETURN jsonb_build_object('kind', 'won', 'outbox', pantheon_outbox_of_transaction(), 'token', s.token + 1,
    'owner_id', t.owner_id, 'session_id', t.session_id, 'turn_index', t.turn_index, 'plan', t.plan,
    'step', jsonb_build_object('id', s.id, 'index', s.step_index, 'agent_key', s.agent_key, 'purpose', s.purpose,
      'round', s.round, 'sees', s.sees, 'instruction', s.instruction, 'waited_seconds', s.waited_seconds,
      'attempts', s.attempts + 1, 'prompt_bound', s.prompt_bound),
    'is_exhausted', s.attempts >= (p->>'max_attempts')::int,
    'checkpoint', s.checkpoint)
    || CASE s.purpose WHEN 'summarize' THEN jsonb_build_object('unsummarized',
      pantheon_load_unsummarized(t.session_id, (t.plan->'summary'->>'through_turn_index')::int, 4 * s.window_tokens))
    ELSE jsonb_build_object('messages', pantheon_turn_messages(t.id, s.sees),
      'window', v_window,
      'steps', (SELECT jsonb_agg(jsonb_build_object('index', o.step_index, 'purpose', o.purpose,
        'agent_key', o.agent_key, 'round', o.round, 'status', o.status, 'result', o.result) ORDER BY o.step_index)
        FROM turn_steps o WHERE o.turn_id = t.id),
      'toolbox', pantheon_toolbox(t, s, v_window)) END;
END $$;
--> statement-breakpoint
-- function: steps/commit-step.sql
-- A commit is fenced by its claim's token. One sent again after a lost answer finds itself done and changes nothing.
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
      -- They may have had their effect; the turn's log is closed.
      PERFORM pantheon_record_tool_calls(t, s, v_token, p->'tool_calls');
      PERFORM pantheon_charge_attempt(t, s, v_token, p->'calls', true);
    END IF;
    RETURN jsonb_build_object('kind', 'cancelled', 'outbox', pantheon_outbox_of_transaction());
  END IF;
  IF s.status <> 'running' THEN
    RETURN jsonb_build_object('kind', 'already', 'outbox', pantheon_outbox_of_turn(t.id));
  END IF;
  IF jsonb_typeof(p->'summary') = 'object' THEN
    -- The user may have corrected the register while the model wrote.
    IF pantheon_lock_memory(t.session_id) <> (p->'summary'->>'base_version')::int THEN
      RETURN jsonb_build_object('kind', 'stale', 'unsummarized',
        pantheon_load_unsummarized(t.session_id, (t.plan->'summary'->>'through_turn_index')::int, 0));
    END IF;
    PERFORM pantheon_write_summary(t.session_id, s.id, p->'summary');
  END IF;
  IF jsonb_typeof(p->'audit') = 'object' THEN
    INSERT INTO turn_context_audit (id, owner_id, turn_id, step_index, agent_key, attempt, audit, created_at)
      VALUES ((p->>'audit_id')::uuid, t.owner_id, t.id, s.step_index, s.agent_key, v_token, p->'audit', pantheon_now())
      ON CONFLICT (turn_id, step_index, attempt) DO NOTHING;
  END IF;
  PERFORM pantheon_record_tool_calls(t, s, v_token, p->'tool_calls');
  PERFORM pantheon_emit_of_step(t, s, (SELECT jsonb_agg(jsonb_build_object('type', 'tool.called',
    'data', jsonb_build_object('call_id', c.call_id, 'tool', c.name, 'status', c.status)) ORDER BY c.ordinal)
    FROM jsonb_to_recordset(p->'tool_calls') AS c(ordinal int, call_id text, name text, status text)));
  IF p->>'outcome' IN ('done', 'failed') THEN
    PERFORM pantheon_end_step(s.id, p, coalesce(jsonb_array_length(p->'next'), 0) > 0);
    PERFORM pantheon_charge_attempt(t, s, v_token, p->'calls', true);
    IF jsonb_array_length(p->'next') > 0 THEN PERFORM pantheon_add_planned_steps(t.id, p->'next'); END IF;
  ELSIF p->>'outcome' = 'continue' THEN
    -- What was decided goes on with it: some of those calls may still have to be made.
    UPDATE turn_steps SET status = 'ready', checkpoint = p->>'checkpoint', attempts = 0, lease_until = NULL
      WHERE id = s.id;
    PERFORM pantheon_emit_of_step(t, s, p->'events');
    PERFORM pantheon_post_step(s.id, 0);
    PERFORM pantheon_charge_attempt(t, s, v_token, p->'calls', false);
  ELSIF p->>'outcome' = 'await' THEN
    UPDATE turn_steps SET status = 'awaiting', checkpoint = p->>'checkpoint', approvals = p->'awaited', attempts = 0,
      lease_until = NULL WHERE id = s.id;
    PERFORM pantheon_emit_of_step(t, s, p->'events');
    PERFORM pantheon_pause_if_waiting(t.id);
    PERFORM pantheon_charge_attempt(t, s, v_token, p->'calls', false);
  ELSE
    -- The queue brings the same message again; the step's outbox row stays for the case that it does not.
    UPDATE turn_steps SET status = 'ready', checkpoint = coalesce(p->>'checkpoint', checkpoint), lease_until = NULL,
      not_before = pantheon_now() + make_interval(secs => wait_seconds), waited_seconds = waited_seconds + wait_seconds,
      attempts = CASE WHEN (p->>'is_fault')::boolean THEN attempts ELSE attempts - 1 END
    WHERE id = s.id;
    PERFORM pantheon_post_step(s.id, wait_seconds + 30);
    PERFORM pantheon_charge_attempt(t, s, v_token, p->'calls', false);
    RETURN jsonb_build_object('kind', 'committed', 'outbox',
      (SELECT coalesce(jsonb_agg(pantheon_outbox_message(o)), '[]') FROM outbox o
        WHERE o.made_in = txid_current() AND o.target_id <> s.id));
  END IF;
  RETURN jsonb_build_object('kind', 'committed', 'outbox', pantheon_outbox_of_transaction());
END $$;
--> statement-breakpoint
-- function: steps/decide-tool-calls.sql
-- Decisions on tool calls are taken all or none. A step whose calls are all decided on may go on, and its turn with it.
CREATE OR REPLACE FUNCTION pantheon_decide_tool_calls(p_turn uuid, p_decisions jsonb) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
  before text;
  unknown text;
  is_moving boolean;
BEGIN
  SELECT t.status INTO before FROM turns t JOIN sessions s ON s.id = t.session_id
    WHERE t.id = p_turn AND s.deleted_at IS NULL FOR NO KEY UPDATE OF t;
  IF before IS NULL THEN RETURN jsonb_build_object('kind', 'missing'); END IF;
  SELECT d.id INTO unknown FROM jsonb_to_recordset(p_decisions) AS d(id text, decision text)
    WHERE NOT EXISTS (SELECT 1 FROM turn_steps s CROSS JOIN jsonb_array_elements(s.approvals) AS c
      WHERE s.turn_id = p_turn AND s.status = 'awaiting' AND c->>'id' = d.id
        AND coalesce(c->>'decision', d.decision) = d.decision) LIMIT 1;
  IF unknown IS NOT NULL THEN RETURN jsonb_build_object('kind', 'unknown', 'id', unknown); END IF;
  UPDATE turn_steps s SET approvals = (
      SELECT jsonb_agg(c || CASE WHEN d.id IS NULL THEN '{}'::jsonb ELSE jsonb_build_object('decision', d.decision) END)
      FROM jsonb_array_elements(s.approvals) AS c
        LEFT JOIN jsonb_to_recordset(p_decisions) AS d(id text, decision text) ON d.id = c->>'id')
    WHERE s.turn_id = p_turn AND s.status = 'awaiting';
  UPDATE turn_steps s SET status = 'ready' WHERE s.turn_id = p_turn AND s.status = 'awaiting'
    AND NOT EXISTS (SELECT 1 FROM jsonb_array_elements(s.approvals) AS c WHERE c->>'decision' IS NULL);
  is_moving := FOUND;
  PERFORM pantheon_post_step(s.id, 0) FROM turn_steps s
    WHERE s.turn_id = p_turn AND s.status = 'ready' AND s.approvals IS NOT NULL;
  IF before = 'paused' AND is_moving THEN
    UPDATE turns SET status = 'running', pause = NULL WHERE id = p_turn;
    PERFORM pantheon_emit(p_turn, 'turn.resumed', jsonb_build_object('status', 'running'));
  ELSIF before = 'paused' THEN
    UPDATE turns t SET pause = t.pause || jsonb_build_object('approvals',
      (SELECT jsonb_agg(a) FROM jsonb_array_elements(t.pause->'approvals') AS a
      WHERE NOT EXISTS (SELECT 1 FROM jsonb_to_recordset(p_decisions) AS d(id text) WHERE d.id = a->>'id')))
        WHERE t.id = p_turn;
  END IF;
  RETURN jsonb_build_object('kind', 'decided', 'outbox', pantheon_outbox_of_transaction());
END $$;
--> statement-breakpoint
-- function: steps/end-step.sql
-- A step's end, whoever decides it, lets go those that waited for it; the last one closes the turn unless it goes on.
-- Counters are read from the rows as updated here, so siblings that end together cannot both miss the join.
CREATE OR REPLACE FUNCTION pantheon_end_step(p_step uuid, p jsonb, p_goes_on boolean) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  ended turn_steps%ROWTYPE;
  of_turn turns%ROWTYPE;
  spoken jsonb;
  v_error jsonb := nullif(p->'error', 'null'::jsonb);
  is_done boolean := p->>'outcome' = 'done';
  goes_on boolean;
BEGIN
  UPDATE turn_steps SET status = p->>'outcome', error = v_error, result = nullif(p->'result', 'null'::jsonb),
    finished_at = pantheon_now(), lease_until = NULL, checkpoint = NULL, approvals = NULL,
    -- The claim that gave the step up was no attempt of the agent.
    attempts = attempts - (coalesce(v_error->>'type' = 'attempts_exhausted', false))::int,
    flags = coalesce(ARRAY(SELECT jsonb_array_elements_text(p->'flags')), '{}')
  WHERE id = p_step RETURNING * INTO ended;
  UPDATE turns SET pending_steps = pending_steps - 1, failed_steps = failed_steps + (NOT is_done)::int
  WHERE id = ended.turn_id RETURNING * INTO of_turn;
  SELECT jsonb_build_object('step_id', ended.id, 'agent_key', ended.agent_key, 'agent_name', a->>'name',
    'round', ended.round) INTO spoken
  FROM jsonb_array_elements(of_turn.plan->'agents') AS a WHERE a->>'key' = ended.agent_key;
  IF jsonb_typeof(p->'message') = 'object' THEN
    INSERT INTO messages (id, owner_id, session_id, turn_id, turn_index, position, author, agent_key, agent_name,
      error_type, text, tokens, token_class, created_at)
    VALUES ((p->'message'->>'id')::uuid, of_turn.owner_id, of_turn.session_id, of_turn.id, of_turn.turn_index,
      ended.step_index + 1, CASE WHEN is_done THEN 'agent' ELSE 'failed_agent' END, ended.agent_key,
      spoken->>'agent_name', v_error->>'type',
      p->'message'->>'text', (p->'message'->>'tokens')::int, p->'message'->>'token_class', pantheon_now());
  END IF;
  IF NOT is_done THEN
    PERFORM pantheon_emit(of_turn.id, 'step.failed', spoken || jsonb_build_object('error', v_error));
  ELSIF jsonb_typeof(p->'message') = 'object' THEN
    PERFORM pantheon_emit(of_turn.id, 'message.completed', spoken
      || jsonb_build_object('message_id', p->'message'->>'id', 'text', p->'message'->>'text'));
  END IF;
  PERFORM pantheon_emit(of_turn.id, e.type, spoken || e.data)
    FROM jsonb_to_recordset(p->'events') AS e(type text, data jsonb);
  UPDATE turn_steps SET waiting_on = waiting_on - 1
    WHERE turn_id = of_turn.id AND step_index = ANY (ended.unblocks) AND status = 'waiting';
  UPDATE turn_steps SET status = 'ready' WHERE turn_id = of_turn.id AND status = 'waiting' AND waiting_on = 0;
  PERFORM pantheon_post_step(s.id, 0) FROM turn_steps s
    WHERE s.turn_id = of_turn.id AND s.status = 'ready' AND s.step_index = ANY (ended.unblocks);
  PERFORM pantheon_pause_if_waiting(of_turn.id);
  -- What follows may need words of earlier steps.
  goes_on := p_goes_on AND (coalesce(jsonb_array_length(p->'next_needs'), 0) = 0
    OR EXISTS (SELECT FROM messages m
      WHERE m.turn_id = of_turn.id AND m.author = 'agent' AND p->'next_needs' @> to_jsonb(m.position - 1)));
  IF of_turn.pending_steps = 0 AND NOT goes_on THEN
    -- What a manager or a summary did makes no turn partial in which every agent failed.
    PERFORM pantheon_close_turn(of_turn.id,
      CASE WHEN of_turn.failed_steps = 0 THEN 'completed'
        WHEN EXISTS (SELECT FROM turn_steps s
          WHERE s.turn_id = of_turn.id AND s.purpose = 'agent' AND s.status = 'done') THEN 'partial'
        ELSE 'failed' END,
      true);
    IF jsonb_typeof(p->'after') = 'object' THEN PERFORM pantheon_begin_summary(of_turn.session_id, p->'after'); END IF;
  END IF;
END $$;
--> statement-breakpoint
-- function: steps/pause-if-waiting.sql
-- A turn in which nothing can move before a person decides is paused, and says what it waits for.
CREATE OR REPLACE FUNCTION pantheon_pause_if_waiting(p_turn uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  asked jsonb;
BEGIN
  IF EXISTS (SELECT 1 FROM turn_steps s WHERE s.turn_id = p_turn AND s.status IN ('ready', 'running')) THEN
    RETURN;
  END IF;
  SELECT jsonb_build_object('code', 'approval_required', 'approvals',
    jsonb_agg(jsonb_build_object('step_id', s.id, 'agent_key', s.agent_key, 'id', c->>'id', 'tool', c->>'tool',
    'arguments', c->'arguments') ORDER BY s.step_index)) INTO asked
  FROM turn_steps s CROSS JOIN jsonb_array_elements(s.approvals) AS c
  WHERE s.turn_id = p_turn AND s.status = 'awaiting' AND c->>'decision' IS NULL HAVING count(*) > 0;
  IF asked IS NULL THEN RETURN; END IF;
  UPDATE turns SET status = 'paused', pause = asked WHERE id = p_turn AND status = 'running';
  IF FOUND THEN
    PERFORM pantheon_emit(p_turn, 'turn.paused', jsonb_build_object('status', 'paused', 'pause', asked));
  END IF;
END $$;
--> statement-breakpoint
-- function: sweep/book-abandoned.sql
-- A cancelled call whose holder never came back is booked as lost, and its hold is released.
CREATE OR REPLACE FUNCTION pantheon_book_abandoned(p_limit int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  abandoned record;
  t turns%ROWTYPE;
  s turn_steps%ROWTYPE;
BEGIN
  -- By owner, so that two sweeps lock the money of several in one order.
  FOR abandoned IN SELECT u.turn_id, u.id FROM (SELECT owner_id, turn_id, id FROM turn_steps
    WHERE status = 'cancelled' AND lease_until IS NOT NULL AND lease_until < pantheon_now() ORDER BY lease_until, id
      LIMIT p_limit) AS u
    ORDER BY u.owner_id, u.turn_id, u.id
  LOOP
    SELECT * INTO t FROM turns WHERE id = abandoned.turn_id FOR NO KEY UPDATE SKIP LOCKED;
    CONTINUE WHEN NOT FOUND;
    SELECT * INTO s FROM turn_steps WHERE id = abandoned.id AND lease_until IS NOT NULL FOR NO KEY UPDATE;
    CONTINUE WHEN NOT FOUND;
    PERFORM pantheon_book_lost_attempt(t, s, gen_random_uuid());
    UPDATE turn_steps SET lease_until = NULL, lost_attempts = lost_attempts + 1 WHERE id = s.id;
    PERFORM pantheon_release(t.id);
  END LOOP;
END $$;
--> statement-breakpoint
-- function: sweep/sweep.sql
-- A sweep may run at any moment, twice at once: rows that another holds are skipped. A step whose holder is gone
-- gets an outbox row again; due rows are handed out with a growing pause, steps first and owners in turn.
CREATE OR REPLACE FUNCTION pantheon_sweep(p_limit int) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  due jsonb;
BEGIN
  PERFORM pantheon_book_abandoned(p_limit);
  INSERT INTO outbox (kind, target_id, turn_id, owner_id, generation, next_at, made_in)
  SELECT 'step', s.id, s.turn_id, s.owner_id, s.token, pantheon_now(), txid_current()
  FROM turn_steps s WHERE s.status = 'running' AND s.lease_until < pantheon_now()
    AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.kind = 'step' AND o.target_id = s.id)
  ORDER BY s.lease_until, s.id LIMIT p_limit
  ON CONFLICT (kind, target_id) DO NOTHING;
  WITH oldest AS (
    (SELECT o.kind, o.target_id, o.owner_id, o.next_at FROM outbox o
      WHERE o.kind = 'step' AND o.next_at <= pantheon_now() ORDER BY o.next_at LIMIT p_limit * 20)
    UNION ALL
    (SELECT o.kind, o.target_id, o.owner_id, o.next_at FROM outbox o
      WHERE o.kind = 'delivery' AND o.next_at <= pantheon_now() ORDER BY o.next_at LIMIT p_limit * 20)
  ), ranked AS (
    SELECT kind, target_id, next_at, row_number() OVER (PARTITION BY kind, owner_id
      ORDER BY next_at, target_id) AS place FROM oldest
  ), taken AS (
    SELECT o.kind, o.target_id FROM outbox o JOIN ranked r ON r.kind = o.kind AND r.target_id = o.target_id
    WHERE o.next_at <= pantheon_now()
    ORDER BY r.kind <> 'step', r.place, r.next_at, r.target_id LIMIT p_limit FOR UPDATE OF o SKIP LOCKED
  ), sent AS (
    UPDATE outbox o SET attempts = o.attempts + 1, delay_seconds = 0,
      next_at = pantheon_now() + make_interval(secs => least(600, 15 * power(2, least(o.attempts, 6))::int))
    FROM taken WHERE o.kind = taken.kind AND o.target_id = taken.target_id
    RETURNING pantheon_outbox_message(o) AS message
  )
  SELECT coalesce(jsonb_agg(message), '[]') INTO due FROM sent;
  DELETE FROM idempotency_keys WHERE (owner_id, key) IN (
    SELECT owner_id, key FROM idempotency_keys WHERE expires_at <= pantheon_now() LIMIT p_limit FOR UPDATE SKIP LOCKED);
  RETURN due;
END $$;
--> statement-breakpoint
-- function: turns/add-planned-steps.sql
-- Steps planned on the way begin once all steps before them have ended, unless the turn ended with those.
-- A turn that cannot hold for them pauses.
CREATE OR REPLACE FUNCTION pantheon_add_planned_steps(p_turn uuid, p_next jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  t turns%ROWTYPE;
  refusal jsonb;
BEGIN
  UPDATE turns SET pending_steps = jsonb_array_length(p_next), total_steps = total_steps + jsonb_array_length(p_next)
    WHERE id = p_turn AND pending_steps = 0 AND NOT pantheon_is_over(status) RETURNING * INTO t;
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
-- function: turns/create-turn.sql
-- A new turn is written whole or not at all: session, limits, place, plan, first message, steps, audit, log, holds,
-- outbox and stored result.
CREATE OR REPLACE FUNCTION pantheon_create_turn(p jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  v_session sessions%ROWTYPE;
  v_turn turns%ROWTYPE;
  active uuid;
  slot jsonb;
  refusal jsonb;
  v_callback uuid;
  interrupted jsonb := '[]';
  refused_with text;
  is_refused boolean := p->>'status' = 'failed';
BEGIN
  SELECT * INTO v_session FROM sessions WHERE id = (p->>'session_id')::uuid AND deleted_at IS NULL FOR NO KEY UPDATE;
  IF NOT FOUND THEN RETURN jsonb_build_object('kind', 'missing'); END IF;
  IF p->>'callback_url' IS NOT NULL THEN
    SELECT e.id INTO v_callback FROM webhook_endpoints e
      WHERE e.owner_id = v_session.owner_id AND e.deleted_at IS NULL AND e.status = 'active'
        AND starts_with(e.url || '/', (p->>'callback_origin') || '/') ORDER BY e.id LIMIT 1;
    IF NOT FOUND THEN RETURN jsonb_build_object('kind', 'no_endpoint'); END IF;
  END IF;
  active := pantheon_lock_active_turn(v_session.id);
  IF active IS NOT NULL AND p->>'on_busy' = 'reject' THEN
    RETURN jsonb_build_object('kind', 'busy', 'turn_id', active);
  END IF;
  slot := pantheon_take_turn_slot((p->>'per_minute')::int, (p->>'per_hour')::int);
  IF NOT (slot->>'is_free')::boolean THEN RETURN jsonb_build_object('kind', 'rate_limited', 'slot', slot); END IF;
  IF active IS NOT NULL AND p->>'on_busy' = 'interrupt' AND NOT is_refused THEN
    PERFORM pantheon_cancel_turn(active, false);
    interrupted := jsonb_build_array(active);
    active := NULL;
  END IF;
  UPDATE sessions SET turn_count = turn_count + 1 WHERE id = v_session.id RETURNING * INTO v_session;
  INSERT INTO turns (id, owner_id, room_id, session_id, turn_index, status, is_active, mode, rounds, plan, metadata,
    budget_units, callback_url, callback_endpoint_id, error, pending_steps, total_steps, created_at, updated_at,
    finished_at)
  VALUES ((p->>'id')::uuid, v_session.owner_id, v_session.room_id, v_session.id, v_session.turn_count, p->>'status',
    active IS NULL AND NOT is_refused, p->>'mode', (p->>'rounds')::int, p->'plan', p->'metadata',
    (p->>'budget_units')::bigint, p->>'callback_url', v_callback, p->'error',
    CASE WHEN is_refused THEN 0 ELSE jsonb_array_length(p->'steps') END,
    jsonb_array_length(p->'steps'), (p->>'created_at')::timestamptz, (p->>'created_at')::timestamptz,
    CASE WHEN is_refused THEN (p->>'created_at')::timestamptz END)
  RETURNING * INTO v_turn;
  INSERT INTO messages (id, owner_id, session_id, turn_id, turn_index, position, author, text, tokens, token_class,
    is_in_history, created_at)
  VALUES ((p->'message'->>'id')::uuid, v_session.owner_id, v_session.id, v_turn.id, v_session.turn_count, 0, 'user',
    p->'message'->>'text', (p->'message'->>'tokens')::int, p->'message'->>'token_class', NOT is_refused,
      (p->>'created_at')::timestamptz);
  PERFORM pantheon_add_steps(v_turn, p->'steps');
  INSERT INTO turn_context_audit (id, owner_id, turn_id, step_index, agent_key, attempt, audit, created_at)
  SELECT a.id, v_session.owner_id, v_turn.id, a.step_index, a.agent_key, 0, a.audit, (p->>'created_at')::timestamptz
  FROM jsonb_to_recordset(p->'audits') AS a(id uuid, step_index int, agent_key text, audit jsonb);
  PERFORM pantheon_emit(v_turn.id, 'turn.created',
    jsonb_build_object('session_id', v_session.id, 'turn_index', v_session.turn_count, 'mode', p->>'mode'));
  IF is_refused THEN
    PERFORM pantheon_emit(v_turn.id, 'turn.failed', jsonb_build_object('status', 'failed', 'error', p->'error'));
  END IF;
  refusal := pantheon_try_hold(v_turn.id);
  IF refusal IS NOT NULL THEN
    RAISE EXCEPTION 'the turn cannot be paid for' USING ERRCODE = 'PT402', DETAIL = refusal::text;
  END IF;
  IF active IS NULL AND NOT is_refused THEN
    PERFORM pantheon_post_step(s.id, 0) FROM turn_steps s WHERE s.turn_id = v_turn.id AND s.status = 'ready';
  END IF;
  IF p->'result' <> 'null'::jsonb THEN
    INSERT INTO idempotency_keys (owner_id, key, fingerprint, operation, value, turn_index, expires_at)
    VALUES (v_session.owner_id, p->'result'->>'key', p->'result'->>'fingerprint', p->'result'->>'operation',
      (p->'result'->>'value')::json, v_session.turn_count, (p->'result'->>'expires_at')::timestamptz);
  END IF;
  RETURN jsonb_build_object('kind', 'created', 'turn_index', v_session.turn_count, 'interrupted', interrupted,
    'slot', slot, 'outbox', pantheon_outbox_of_transaction());
EXCEPTION WHEN SQLSTATE 'PT402' THEN
  -- All of it is undone, an interrupted turn and the counted slot too.
  GET STACKED DIAGNOSTICS refused_with = PG_EXCEPTION_DETAIL;
  RETURN jsonb_build_object('kind', 'unaffordable', 'refusal', refused_with::jsonb);
END $$;
--> statement-breakpoint
-- function: turns/fail-turn.sql
-- A message that no delivery can ever carry out ends its turn, if there is one, and says why.
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
  RETURN pantheon_outbox_of_transaction();
END $$;
--> statement-breakpoint
-- function: turns/resume-turn.sql
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
--> statement-breakpoint
-- function: webhooks/commit-delivery.sql
-- A commit is fenced by the attempt's number. What a turn's own callback answers says nothing about the endpoint
-- that signs it.
CREATE OR REPLACE FUNCTION pantheon_commit_delivery(p jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  d webhook_deliveries%ROWTYPE;
  now_at timestamptz := pantheon_now();
  wait_seconds int := p->>'wait_seconds';
BEGIN
  SELECT * INTO d FROM webhook_deliveries WHERE id = (p->>'delivery')::uuid FOR NO KEY UPDATE;
  IF d.id IS NULL OR d.attempts <> (p->>'number')::int OR d.status <> 'pending' THEN
    RETURN jsonb_build_object('kind', 'fenced');
  END IF;
  INSERT INTO webhook_attempts (delivery_id, number, owner_id, outcome, response_status, latency_ms, excerpt, reason,
    created_at)
    VALUES (d.id, d.attempts, d.owner_id, p->>'outcome', (p->>'response_status')::int, (p->>'latency_ms')::int,
      p->>'excerpt', p->>'reason', now_at)
    ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN RETURN jsonb_build_object('kind', 'fenced'); END IF;
  IF d.url IS NULL AND p->>'next' = 'succeeded' THEN
    UPDATE webhook_endpoints SET failing_since = NULL WHERE id = d.endpoint_id AND failing_since IS NOT NULL;
  ELSIF d.url IS NULL THEN
    UPDATE webhook_endpoints SET failing_since = now_at WHERE id = d.endpoint_id AND failing_since IS NULL;
    UPDATE webhook_endpoints SET status = 'disabled', disabled_reason = p->>'disables'
      WHERE id = d.endpoint_id AND status = 'active' AND p->>'disables' IS NOT NULL;
  END IF;
  IF p->>'next' = 'retry' THEN
    UPDATE webhook_deliveries SET next_at = now_at + make_interval(secs => wait_seconds) WHERE id = d.id;
    PERFORM pantheon_post_delivery(d.id, wait_seconds);
  ELSE
    UPDATE webhook_deliveries SET status = CASE p->>'next' WHEN 'succeeded' THEN 'succeeded'
      ELSE 'failed' END, next_at = NULL, finished_at = now_at
      WHERE id = d.id;
    DELETE FROM outbox WHERE kind = 'delivery' AND target_id = d.id;
  END IF;
  RETURN jsonb_build_object('kind', 'committed', 'outbox', pantheon_outbox_of_transaction());
END $$;
--> statement-breakpoint
-- function: webhooks/ping-endpoint.sql
-- A test delivery tells an endpoint nothing but that it is there.
CREATE OR REPLACE FUNCTION pantheon_ping_endpoint(p_delivery uuid, p_endpoint uuid) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  before text;
BEGIN
  SELECT e.status INTO before FROM webhook_endpoints e
    WHERE e.id = p_endpoint AND e.owner_id = pantheon_user_id() AND e.deleted_at IS NULL;
  IF NOT FOUND THEN RETURN jsonb_build_object('kind', 'missing'); END IF;
  IF before <> 'active' THEN RETURN jsonb_build_object('kind', 'disabled'); END IF;
  INSERT INTO webhook_deliveries (id, owner_id, endpoint_id, type, data, next_at, created_at, updated_at)
  VALUES (p_delivery, pantheon_user_id(), p_endpoint, 'webhook.test', jsonb_build_object('endpoint_id', p_endpoint),
    pantheon_now(), pantheon_now(), pantheon_now());
  PERFORM pantheon_post_delivery(p_delivery, 0);
  RETURN jsonb_build_object('kind', 'pinged', 'outbox', pantheon_outbox_of_transaction());
END $$;
--> statement-breakpoint
-- function: webhooks/redeliver.sql
-- One delivery, or an endpoint's from the oldest on, is sent once more under the id that it has.
-- The answer says where to go on if there are more than the limit.
CREATE OR REPLACE FUNCTION pantheon_redeliver(p_delivery uuid, p_endpoint uuid, p_since timestamptz, p_limit int)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  again record;
  renewed int := 0;
  next_since text;
BEGIN
  FOR again IN SELECT d.id, d.created_at FROM webhook_deliveries d JOIN webhook_endpoints e ON e.id = d.endpoint_id
    WHERE (d.id = p_delivery OR (d.endpoint_id = p_endpoint AND d.created_at >= p_since)) AND d.status <> 'pending'
      AND e.status = 'active' AND e.deleted_at IS NULL ORDER BY d.created_at, d.id LIMIT p_limit + 1
        FOR NO KEY UPDATE OF d
  LOOP
    IF renewed = p_limit THEN
      next_since := to_char(again.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"');
      EXIT;
    END IF;
    UPDATE webhook_deliveries SET status = 'pending', next_at = pantheon_now(), finished_at = NULL,
      earlier_attempts = attempts WHERE id = again.id;
    PERFORM pantheon_post_delivery(again.id, 0);
    renewed := renewed + 1;
  END LOOP;
  RETURN jsonb_build_object('renewed', renewed, 'next_since', next_since, 'outbox', pantheon_outbox_of_transaction());
END $$;
