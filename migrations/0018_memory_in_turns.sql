CREATE FUNCTION pantheon_said(m messages) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT jsonb_build_object('id', m.id, 'turn_index', m.turn_index, 'position', m.position, 'author', m.author, 'agent_key', m.agent_key, 'agent_name', m.agent_name,
    'error_type', m.error_type, 'text', m.text, 'tokens', m.tokens, 'token_class', m.token_class, 'is_pinned', m.is_pinned,
    'private_to', m.private_to, 'group_id', m.group_id)
$$;
--> statement-breakpoint
-- What later steps may see of this turn: the user's message and the outcomes of the steps named.
CREATE OR REPLACE FUNCTION pantheon_turn_messages(p_turn uuid, p_sees int[]) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT coalesce(jsonb_agg(pantheon_said(m) ORDER BY m.position), '[]')
  FROM messages m WHERE m.turn_id = p_turn AND (m.position = 0 OR m.position - 1 = ANY (p_sees))
$$;
--> statement-breakpoint
-- The summary in force, as prompts take it.
CREATE FUNCTION pantheon_summary_in_force(p_session uuid) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object('id', s.id, 'version', s.version, 'through_turn_index', s.through_turn_index, 'made_at_turn_index', s.made_at_turn_index,
    'cursor', s.cursor, 'rendered', s.rendered, 'tokens', s.tokens, 'token_class', s.token_class)
  FROM session_summaries s WHERE s.session_id = p_session ORDER BY s.version DESC LIMIT 1
$$;
--> statement-breakpoint
-- The summary, the newest whole turns that it does not cover as far as they fit in a number of tokens, the recent ones always, and what
-- is pinned. Walks back along the index and stops where the window is full, so that what is read is bounded by the window.
CREATE FUNCTION pantheon_window(p_session uuid, p_before_index int, p_tokens int, p_recent_turns int) RETURNS jsonb
LANGUAGE plpgsql STABLE SET enable_sort = off SET enable_bitmapscan = off SET enable_seqscan = off AS $$
DECLARE
  said record;
  summary jsonb := pantheon_summary_in_force(p_session);
  covered int := coalesce((summary->>'through_turn_index')::int, 0);
  running bigint := 0;
  of_index int := p_before_index;
  turns_read int := 0;
  after_index int := 0;
BEGIN
  -- Without a sort the index gives the order, so that reading stops where the window ends. A refused turn is no recent one.
  FOR said IN SELECT m.turn_index, m.tokens FROM messages m
    WHERE m.session_id = p_session AND m.turn_index < p_before_index AND m.is_in_history
    ORDER BY m.turn_index DESC, m.position DESC
  LOOP
    IF said.turn_index < of_index THEN
      of_index := said.turn_index;
      turns_read := turns_read + 1;
    END IF;
    running := running + said.tokens;
    IF turns_read > p_recent_turns AND (running > p_tokens OR said.turn_index <= covered) THEN
      after_index := said.turn_index;
      EXIT;
    END IF;
  END LOOP;
  RETURN jsonb_build_object('summary', summary, 'reads_from_turn_index', after_index + 1, 'messages', (
    SELECT coalesce(jsonb_agg(said_row.said ORDER BY said_row.turn_index, said_row.position), '[]') FROM (
      SELECT pantheon_said(m) AS said, m.turn_index, m.position FROM messages m
      WHERE m.session_id = p_session AND m.turn_index <= after_index AND m.is_pinned AND m.is_in_history
      UNION ALL
      SELECT pantheon_said(m), m.turn_index, m.position FROM messages m
      WHERE m.session_id = p_session AND m.turn_index > after_index AND m.turn_index < p_before_index AND m.is_in_history
    ) AS said_row));
END $$;
--> statement-breakpoint
-- How much a new turn would find: the most tokens of summary, pinned and uncovered messages, and the uncovered ones by the estimate. Beyond
-- the most that any model can read nothing is counted.
CREATE FUNCTION pantheon_measure_history(p_session uuid, p_most int, p_recent_turns int) RETURNS jsonb
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
  FOR said IN SELECT m.turn_index, m.tokens, m.bound_tokens FROM messages m WHERE m.session_id = p_session AND m.is_in_history
    ORDER BY m.turn_index DESC, m.position DESC
  LOOP
    IF said.turn_index IS DISTINCT FROM of_index THEN
      EXIT WHEN turns_read >= p_recent_turns AND (said.turn_index <= covered OR uncovered >= p_most);
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
  RETURN jsonb_build_object('boundTokens', least(bound, 1000000000), 'unsummarisedTokens', least(uncovered, 1000000000), 'unsummarisedTurns', uncovered_turns,
    'unsummarisedMessages', uncovered_messages, 'longestBoundTokens', longest);
END $$;
--> statement-breakpoint
DROP FUNCTION pantheon_history_bound(uuid, int);
--> statement-breakpoint
DROP FUNCTION pantheon_history(uuid, int, int, int);
--> statement-breakpoint
-- What a summary is made from, through the last turn before the first that is not over (one that another went ahead of has yet to say
-- its words): the one before it, what the register holds, and the messages after the place where that one stopped, as many
-- as a number of characters takes, with the 48 or more that each one's frame takes in a prompt.
CREATE FUNCTION pantheon_to_summarise(p_session uuid, p_through int, p_characters int) RETURNS jsonb
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
  last_index int := least(p_through, (SELECT t.turn_index - 1 FROM turns t WHERE t.session_id = p_session AND t.is_active),
    (SELECT min(t.turn_index) - 1 FROM turns t WHERE t.session_id = p_session AND t.status = 'queued' AND NOT t.is_active AND t.turn_index > 0));
BEGIN
  SELECT * INTO previous FROM session_summaries s WHERE s.session_id = p_session ORDER BY s.version DESC LIMIT 1;
  from_index := coalesce((previous.cursor->>'turn_index')::int, previous.through_turn_index + 1, 1);
  from_position := coalesce((previous.cursor->>'position')::int, 0);
  FOR said IN SELECT m.turn_index, m.position, char_length(m.text) AS length FROM messages m
    WHERE m.session_id = p_session AND (m.turn_index, m.position) >= (from_index, from_position) AND m.turn_index <= last_index
      AND m.is_in_history AND m.private_to IS NULL
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
  RETURN jsonb_build_object('previous', CASE WHEN previous.id IS NOT NULL THEN to_jsonb(previous) END, 'has_more', has_more,
    'through_turn_index', last_index, 'messages', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', m.id, 'turn_index', m.turn_index, 'position', m.position, 'author', m.author,
        'agent_key', m.agent_key, 'agent_name', m.agent_name, 'error_type', m.error_type, 'length', char_length(m.text), 'from_offset', skipped.by,
        'text', substr(m.text, skipped.by + 1, p_characters)) ORDER BY m.turn_index, m.position), '[]')
      FROM messages m CROSS JOIN LATERAL (SELECT CASE WHEN (m.turn_index, m.position) = (from_index, from_position)
        THEN coalesce((previous.cursor->>'offset')::int, 0) ELSE 0 END AS by) AS skipped
      WHERE m.session_id = p_session AND (m.turn_index, m.position) >= (from_index, from_position)
        AND (m.turn_index, m.position) <= (through_index, through_position) AND m.is_in_history AND m.private_to IS NULL),
    'entries', (SELECT coalesce(jsonb_agg(to_jsonb(e) ORDER BY e."order"), '[]') FROM (SELECT r.id, r.kind, r.text, r.status, r.author_key,
        r.source_message_ids, r.is_pinned, row_number() OVER (ORDER BY r.id) AS "order"
      FROM register_entries r WHERE r.session_id = p_session AND r.status <> 'superseded') AS e));
END $$;
--> statement-breakpoint
-- Replies that open turns of the session may still add to its history: of the one that holds it and of those that wait, each found by the
-- index that has only such.
CREATE OR REPLACE FUNCTION pantheon_replies_to_come(p_session uuid) RETURNS int LANGUAGE sql STABLE AS $$
  SELECT coalesce(sum(greatest(0, coalesce((t.plan->>'most_replies')::int, t.total_steps)
    - (SELECT count(*) FROM messages m WHERE m.turn_id = t.id AND m.position > 0))), 0)::int
  FROM (SELECT a.id, a.plan, a.total_steps FROM turns a WHERE a.session_id = p_session AND a.is_active
    UNION ALL SELECT q.id, q.plan, q.total_steps FROM turns q WHERE q.session_id = p_session AND q.status = 'queued' AND NOT q.is_active) AS t
$$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION pantheon_add_steps(p_turn turns, p_steps jsonb) RETURNS void LANGUAGE sql AS $$
  INSERT INTO turn_steps (id, owner_id, turn_id, step_index, purpose, agent_key, round, status, waiting_on, unblocks, sees, instruction,
    window_tokens, prompt_bound, hold_units, created_at, updated_at, finished_at)
  SELECT s.id, p_turn.owner_id, p_turn.id, s.step_index, s.purpose, s.agent_key, s.round,
    CASE WHEN p_turn.finished_at IS NOT NULL THEN 'cancelled' WHEN s.waiting_on = 0 THEN 'ready' ELSE 'waiting' END, s.waiting_on, s.unblocks,
    s.sees, s.instruction, s.window_tokens, s.prompt_bound, s.hold_units, p_turn.updated_at, p_turn.updated_at, p_turn.finished_at
  FROM jsonb_to_recordset(p_steps) AS s(id uuid, step_index int, purpose text, agent_key text, round int, waiting_on int,
    unblocks int[], sees int[], instruction text, window_tokens int, prompt_bound int, hold_units bigint)
$$;
--> statement-breakpoint
-- A summary of a session as a turn of its own, beside the conversation. At most one at a time, and none that cannot be paid for.
CREATE FUNCTION pantheon_begin_summary(p_session uuid, p jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  v_turn turns%ROWTYPE;
  refusal jsonb;
  refused_with text;
BEGIN
  INSERT INTO turns (id, owner_id, room_id, session_id, turn_index, status, is_active, mode, rounds, plan, metadata, pending_steps, total_steps,
    created_at, updated_at)
  SELECT (p->>'id')::uuid, s.owner_id, s.room_id, s.id, (SELECT least(min(t.turn_index), 0) - 1 FROM turns t WHERE t.session_id = s.id), 'queued',
    false, 'summary', 1, p->'plan', '{}', 1, 1, coalesce((p->>'created_at')::timestamptz, pantheon_now()), pantheon_now()
  FROM sessions s WHERE s.id = p_session AND s.deleted_at IS NULL
  ON CONFLICT DO NOTHING RETURNING * INTO v_turn;
  IF v_turn.id IS NULL THEN
    RETURN jsonb_build_object('kind', 'busy', 'turn_id', (SELECT t.id FROM turns t WHERE t.session_id = p_session AND t.mode = 'summary' AND t.finished_at IS NULL));
  END IF;
  PERFORM pantheon_add_steps(v_turn, jsonb_build_array(p->'step'));
  PERFORM pantheon_emit(v_turn.id, 'turn.created', jsonb_build_object('session_id', v_turn.session_id, 'turn_index', v_turn.turn_index, 'mode', 'summary'));
  refusal := pantheon_try_hold(v_turn.id);
  IF refusal IS NOT NULL THEN RAISE EXCEPTION 'the summary cannot be paid for' USING ERRCODE = 'PT402', DETAIL = refusal::text; END IF;
  PERFORM pantheon_post_step((p->'step'->>'id')::uuid, 0);
  RETURN jsonb_build_object('kind', 'begun', 'turn_index', v_turn.turn_index, 'letters', pantheon_posted_here());
EXCEPTION WHEN SQLSTATE 'PT402' THEN
  GET STACKED DIAGNOSTICS refused_with = PG_EXCEPTION_DETAIL;
  RETURN jsonb_build_object('kind', 'unaffordable', 'refusal', refused_with::jsonb);
END $$;
--> statement-breakpoint
-- One writer at a time for the memory of a session; always taken after the locks of turns and steps, and before the one of money.
CREATE FUNCTION pantheon_lock_memory(p_session uuid) RETURNS int LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended(p_session::text, 6));
  RETURN coalesce((SELECT max(s.version) FROM session_summaries s WHERE s.session_id = p_session), 0);
END $$;
--> statement-breakpoint
-- The next version of a session's summary, with what it adds to the register. The caller holds the memory's lock and knows the version before.
CREATE FUNCTION pantheon_write_summary(p_session uuid, p_step uuid, p jsonb) RETURNS void LANGUAGE sql AS $$
  INSERT INTO session_summaries (id, owner_id, session_id, version, step_id, through_turn_index, made_at_turn_index, cursor, text, items, rendered,
    tokens, token_class, is_fallback, created_at)
  SELECT (p->>'id')::uuid, s.owner_id, s.id, (p->>'base_version')::int + 1, p_step, (p->>'through_turn_index')::int, (p->>'made_at_turn_index')::int,
    nullif(p->'cursor', 'null'::jsonb), p->>'text', p->'items', p->>'rendered', (p->>'tokens')::int, p->>'token_class', (p->>'is_fallback')::boolean, pantheon_now()
  FROM sessions s WHERE s.id = p_session;
  INSERT INTO register_entries (id, owner_id, room_id, session_id, kind, text, author_key, source_message_ids, is_pinned, created_at, updated_at)
  SELECT e.id, s.owner_id, s.room_id, s.id, e.kind, e.text, e.author_key, e.source_message_ids, coalesce(e.is_pinned, false), pantheon_now(), pantheon_now()
  FROM jsonb_to_recordset(p->'new_entries') AS e(id uuid, kind text, text text, author_key text, source_message_ids uuid[], is_pinned boolean)
    CROSS JOIN sessions s WHERE s.id = p_session;
  UPDATE register_entries r SET status = coalesce(c.status, r.status), is_pinned = coalesce(c.is_pinned, r.is_pinned),
    superseded_by = coalesce(c.superseded_by, r.superseded_by)
  FROM jsonb_to_recordset(p->'changes') AS c(id uuid, status text, is_pinned boolean, superseded_by uuid)
  WHERE r.id = c.id AND r.session_id = p_session;
$$;
--> statement-breakpoint
-- A step's end, whoever decides it: those that waited for it may go, and the last one closes the turn, unless it goes on.
-- Counters are read from the rows as updated here, so that siblings that end together cannot both miss the join.
CREATE FUNCTION pantheon_end_step(p_step uuid, p jsonb, p_goes_on boolean) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  ended turn_steps%ROWTYPE;
  of_turn turns%ROWTYPE;
  spoken jsonb;
  v_error jsonb := nullif(p->'error', 'null'::jsonb);
  is_done boolean := p->>'outcome' = 'done';
BEGIN
  UPDATE turn_steps SET status = p->>'outcome', error = v_error, result = nullif(p->'result', 'null'::jsonb), finished_at = pantheon_now(),
    lease_until = NULL, checkpoint = NULL,
    -- The claim that gave the step up was no attempt of the agent.
    attempts = attempts - (coalesce(v_error->>'type' = 'attempts_exhausted', false))::int,
    flags = coalesce(ARRAY(SELECT jsonb_array_elements_text(p->'flags')), '{}')
  WHERE id = p_step RETURNING * INTO ended;
  UPDATE turns SET pending_steps = pending_steps - 1, failed_steps = failed_steps + (NOT is_done)::int
  WHERE id = ended.turn_id RETURNING * INTO of_turn;
  SELECT jsonb_build_object('step_id', ended.id, 'agent_key', ended.agent_key, 'agent_name', a->>'name', 'round', ended.round) INTO spoken
  FROM jsonb_array_elements(of_turn.plan->'agents') AS a WHERE a->>'key' = ended.agent_key;
  IF jsonb_typeof(p->'message') = 'object' THEN
    INSERT INTO messages (id, owner_id, session_id, turn_id, turn_index, position, author, agent_key, agent_name, error_type, text, tokens, token_class,
      created_at)
    VALUES ((p->'message'->>'id')::uuid, of_turn.owner_id, of_turn.session_id, of_turn.id, of_turn.turn_index, ended.step_index + 1,
      CASE WHEN is_done THEN 'agent' ELSE 'failed_agent' END, ended.agent_key, spoken->>'agent_name', v_error->>'type',
      p->'message'->>'text', (p->'message'->>'tokens')::int, p->'message'->>'token_class', pantheon_now());
  END IF;
  IF NOT is_done THEN
    PERFORM pantheon_emit(of_turn.id, 'step.failed', spoken || jsonb_build_object('error', v_error));
  ELSIF jsonb_typeof(p->'message') = 'object' THEN
    PERFORM pantheon_emit(of_turn.id, 'message.completed', spoken || jsonb_build_object('message_id', p->'message'->>'id', 'text', p->'message'->>'text'));
  END IF;
  PERFORM pantheon_emit(of_turn.id, e.type, spoken || e.data) FROM jsonb_to_recordset(p->'events') AS e(type text, data jsonb);
  UPDATE turn_steps SET waiting_on = waiting_on - 1 WHERE turn_id = of_turn.id AND step_index = ANY (ended.unblocks) AND status = 'waiting';
  UPDATE turn_steps SET status = 'ready' WHERE turn_id = of_turn.id AND status = 'waiting' AND waiting_on = 0;
  PERFORM pantheon_post_step(s.id, 0) FROM turn_steps s
    WHERE s.turn_id = of_turn.id AND s.status = 'ready' AND s.step_index = ANY (ended.unblocks);
  IF of_turn.pending_steps = 0 AND NOT p_goes_on THEN
    PERFORM pantheon_close_turn(of_turn.id, CASE of_turn.failed_steps WHEN 0 THEN 'completed' WHEN of_turn.total_steps THEN 'failed' ELSE 'partial' END, true);
    IF jsonb_typeof(p->'after') = 'object' THEN PERFORM pantheon_begin_summary(of_turn.session_id, p->'after'); END IF;
  END IF;
END $$;
--> statement-breakpoint
DROP FUNCTION pantheon_end_step(uuid, text, jsonb, jsonb, boolean);
--> statement-breakpoint
-- Hands the session to the turn that waited longest. Looks again when the one it waited for was cancelled meanwhile.
CREATE OR REPLACE FUNCTION pantheon_activate_next(p_session uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  next_turn uuid;
BEGIN
  LOOP
    SELECT id INTO next_turn FROM turns WHERE session_id = p_session AND status = 'queued' AND NOT is_active AND turn_index > 0
      ORDER BY turn_index LIMIT 1 FOR NO KEY UPDATE;
    EXIT WHEN next_turn IS NOT NULL OR NOT EXISTS (
      SELECT 1 FROM turns WHERE session_id = p_session AND status = 'queued' AND NOT is_active AND turn_index > 0);
  END LOOP;
  IF next_turn IS NULL THEN RETURN; END IF;
  UPDATE turns SET is_active = true WHERE id = next_turn;
  PERFORM pantheon_post_step(s.id, 0) FROM turn_steps s WHERE s.turn_id = next_turn AND s.status = 'ready';
END $$;
--> statement-breakpoint
-- The deliveries of one line of the log: to the endpoints that want it, and to the turn's own callback when it rests. Of a summary only that
-- it was made is told: it is no turn of the conversation.
CREATE OR REPLACE FUNCTION pantheon_deliver_event(p_turn turns, p_type text) RETURNS void LANGUAGE sql AS $$
  WITH made AS (
    INSERT INTO webhook_deliveries (id, owner_id, endpoint_id, turn_id, seq, type, url, next_at, created_at, updated_at)
    SELECT pantheon_new_id(), p_turn.owner_id, w.endpoint_id, p_turn.id, p_turn.last_seq, p_type, w.url, pantheon_now(), pantheon_now(),
      pantheon_now()
    FROM (
      SELECT e.id AS endpoint_id, NULL::text AS url FROM webhook_endpoints e
      WHERE e.owner_id = p_turn.owner_id AND e.deleted_at IS NULL AND e.status = 'active'
        AND (cardinality(e.events) = 0 OR p_type = ANY (e.events))
      UNION ALL
      SELECT p_turn.callback_endpoint_id, p_turn.callback_url
      WHERE p_turn.callback_url IS NOT NULL
        AND p_type IN ('turn.paused', 'turn.completed', 'turn.partial', 'turn.failed', 'turn.cancelled')
    ) AS w
    WHERE p_turn.mode <> 'summary' OR p_type = 'summary.created'
    RETURNING id
  )
  INSERT INTO outbox (kind, target_id, turn_id, owner_id, generation, next_at, made_in)
  SELECT 'delivery', m.id, p_turn.id, p_turn.owner_id, 0, pantheon_now() + interval '30 seconds', txid_current() FROM made m
$$;
--> statement-breakpoint
-- What wakes a turn is a letter for one of its steps: one for a delivery does not. A summary waits for no other turn.
CREATE OR REPLACE VIEW stuck_turns WITH (security_invoker = true) AS
  SELECT t.id, t.session_id, t.status, t.updated_at FROM turns t
  WHERE (t.is_active OR t.mode = 'summary') AND t.status IN ('queued', 'running')
    AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.turn_id = t.id AND o.kind = 'step')
    AND NOT EXISTS (SELECT 1 FROM turn_steps s WHERE s.turn_id = t.id AND s.status = 'running')
  UNION ALL
  SELECT t.id, t.session_id, t.status, t.updated_at FROM turns t
  WHERE t.status = 'queued' AND NOT t.is_active AND t.mode <> 'summary'
    AND NOT EXISTS (SELECT 1 FROM turns a WHERE a.session_id = t.session_id AND a.is_active);
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
  IF s.status = 'waiting' OR NOT (t.is_active OR t.mode = 'summary') OR t.status = 'paused' THEN RETURN jsonb_build_object('kind', 'not_ready'); END IF;
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
    PERFORM pantheon_emit(t.id, 'step.started', jsonb_build_object('step_id', s.id, 'agent_key', s.agent_key, 'round', s.round, 'purpose', s.purpose));
  END IF;
  RETURN jsonb_build_object('kind', 'won', 'letters', pantheon_posted_here(), 'token', s.token + 1, 'owner_id', t.owner_id,
    'session_id', t.session_id, 'turn_index', t.turn_index, 'plan', t.plan,
    'step', jsonb_build_object('id', s.id, 'index', s.step_index, 'agent_key', s.agent_key, 'purpose', s.purpose, 'round', s.round, 'sees', s.sees,
      'instruction', s.instruction, 'waited_seconds', s.waited_seconds, 'attempts', s.attempts + 1, 'prompt_bound', s.prompt_bound),
    'is_exhausted', s.attempts >= (p->>'max_attempts')::int,
    'checkpoint', s.checkpoint)
    || CASE s.purpose WHEN 'summarize' THEN jsonb_build_object('to_summarise',
      pantheon_to_summarise(t.session_id, (t.plan->'summary'->>'through_turn_index')::int, 4 * s.window_tokens))
    ELSE jsonb_build_object('messages', pantheon_turn_messages(t.id, s.sees),
      'window', pantheon_window(t.session_id, t.turn_index, s.window_tokens, (p->>'recent_turns')::int),
      'steps', (SELECT jsonb_agg(jsonb_build_object('index', o.step_index, 'purpose', o.purpose, 'agent_key', o.agent_key, 'round', o.round,
        'status', o.status, 'result', o.result) ORDER BY o.step_index) FROM turn_steps o WHERE o.turn_id = t.id)) END;
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
  IF jsonb_typeof(p->'summary') = 'object' THEN
    -- The user may have corrected the register while the model wrote.
    IF pantheon_lock_memory(t.session_id) <> (p->'summary'->>'base_version')::int THEN
      RETURN jsonb_build_object('kind', 'stale', 'to_summarise', pantheon_to_summarise(t.session_id, (t.plan->'summary'->>'through_turn_index')::int, 0));
    END IF;
    PERFORM pantheon_write_summary(t.session_id, s.id, p->'summary');
  END IF;
  IF jsonb_typeof(p->'audit') = 'object' THEN
    INSERT INTO turn_context_audit (id, owner_id, turn_id, step_index, agent_key, attempt, audit, created_at)
      VALUES ((p->>'audit_id')::uuid, t.owner_id, t.id, s.step_index, s.agent_key, v_token, p->'audit', pantheon_now())
      ON CONFLICT (turn_id, step_index, attempt) DO NOTHING;
  END IF;
  IF p->>'outcome' IN ('done', 'failed') THEN
    PERFORM pantheon_end_step(s.id, p, coalesce(jsonb_array_length(p->'next'), 0) > 0);
    PERFORM pantheon_settle(t, s, v_token, p->'calls', true);
    IF jsonb_array_length(p->'next') > 0 THEN PERFORM pantheon_go_on(t.id, p->'next'); END IF;
  ELSIF p->>'outcome' = 'continue' THEN
    UPDATE turn_steps SET status = 'ready', checkpoint = p->>'checkpoint', attempts = 0, lease_until = NULL WHERE id = s.id;
    PERFORM pantheon_emit(t.id, e.type, jsonb_build_object('step_id', s.id, 'agent_key', s.agent_key, 'round', s.round,
      'agent_name', (SELECT a->>'name' FROM jsonb_array_elements(t.plan->'agents') AS a WHERE a->>'key' = s.agent_key)) || e.data)
      FROM jsonb_to_recordset(p->'events') AS e(type text, data jsonb);
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
-- The fenced write of a new turn: session, limits, place, plan, first message, steps, audit, log, holds, outbox and kept answer.
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
    SELECT e.id INTO v_callback FROM webhook_endpoints e WHERE e.owner_id = v_session.owner_id AND e.deleted_at IS NULL AND e.status = 'active'
      AND starts_with(e.url || '/', (p->>'callback_origin') || '/') ORDER BY e.id LIMIT 1;
    IF NOT FOUND THEN RETURN jsonb_build_object('kind', 'no_endpoint'); END IF;
  END IF;
  active := pantheon_lock_active_turn(v_session.id);
  IF active IS NOT NULL AND p->>'on_busy' = 'reject' THEN RETURN jsonb_build_object('kind', 'busy', 'turn_id', active); END IF;
  slot := pantheon_take_turn_slot((p->>'per_minute')::int, (p->>'per_hour')::int);
  IF NOT (slot->>'is_free')::boolean THEN RETURN jsonb_build_object('kind', 'rate_limited', 'slot', slot); END IF;
  IF active IS NOT NULL AND p->>'on_busy' = 'interrupt' AND NOT is_refused THEN
    PERFORM pantheon_cancel_turn(active, false);
    interrupted := jsonb_build_array(active);
    active := NULL;
  END IF;
  UPDATE sessions SET turn_count = turn_count + 1 WHERE id = v_session.id RETURNING * INTO v_session;
  INSERT INTO turns (id, owner_id, room_id, session_id, turn_index, status, is_active, mode, rounds, plan, metadata, budget_units, callback_url, callback_endpoint_id, error,
    pending_steps, total_steps, created_at, updated_at, finished_at)
  VALUES ((p->>'id')::uuid, v_session.owner_id, v_session.room_id, v_session.id, v_session.turn_count, p->>'status', active IS NULL AND NOT is_refused,
    p->>'mode', (p->>'rounds')::int, p->'plan', p->'metadata', (p->>'budget_units')::bigint, p->>'callback_url', v_callback,
    p->'error', CASE WHEN is_refused THEN 0 ELSE jsonb_array_length(p->'steps') END,
    jsonb_array_length(p->'steps'), (p->>'created_at')::timestamptz, (p->>'created_at')::timestamptz,
    CASE WHEN is_refused THEN (p->>'created_at')::timestamptz END)
  RETURNING * INTO v_turn;
  INSERT INTO messages (id, owner_id, session_id, turn_id, turn_index, position, author, text, tokens, token_class, is_in_history, created_at)
  VALUES ((p->'message'->>'id')::uuid, v_session.owner_id, v_session.id, v_turn.id, v_session.turn_count, 0, 'user',
    p->'message'->>'text', (p->'message'->>'tokens')::int, p->'message'->>'token_class', NOT is_refused, (p->>'created_at')::timestamptz);
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
  RETURN jsonb_build_object('kind', 'created', 'turn_index', v_session.turn_count, 'interrupted', interrupted, 'slot', slot, 'letters', pantheon_posted_here());
EXCEPTION WHEN SQLSTATE 'PT402' THEN
  -- All of it is undone, an interrupted turn and the counted slot too.
  GET STACKED DIAGNOSTICS refused_with = PG_EXCEPTION_DETAIL;
  RETURN jsonb_build_object('kind', 'unaffordable', 'refusal', refused_with::jsonb);
END $$;
--> statement-breakpoint
-- The user's hand on the register: a version of its own, refused when another came in between.
CREATE FUNCTION pantheon_revise_summary(p_session uuid, p jsonb) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  IF pantheon_lock_memory(p_session) <> (p->>'base_version')::int THEN RETURN 'stale'; END IF;
  PERFORM pantheon_write_summary(p_session, NULL, p);
  RETURN 'written';
END $$;
--> statement-breakpoint
-- A manager without a price could never be called.
CREATE FUNCTION pantheon_check_manager() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.manager_model_alias IS NOT NULL AND NOT EXISTS (SELECT 1 FROM current_model_prices p WHERE p.alias = NEW.manager_model_alias) THEN
    RAISE EXCEPTION 'the model of the manager has no price' USING ERRCODE = 'check_violation', CONSTRAINT = 'rooms_manager_priced';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER check_manager BEFORE INSERT OR UPDATE OF manager_model_alias ON rooms
  FOR EACH ROW EXECUTE FUNCTION pantheon_check_manager();
