CALL pantheon_protect('turns', 'owner_id', 'SELECT, INSERT, UPDATE');
--> statement-breakpoint
CALL pantheon_protect('turn_steps', 'owner_id', 'SELECT, INSERT, UPDATE');
--> statement-breakpoint
CALL pantheon_protect('messages', 'owner_id', 'SELECT, INSERT');
--> statement-breakpoint
CALL pantheon_protect('turn_events', 'owner_id', 'SELECT, INSERT');
--> statement-breakpoint
CALL pantheon_protect('turn_context_audit', 'owner_id', 'SELECT, INSERT');
--> statement-breakpoint
CALL pantheon_protect('turn_rates', 'owner_id', 'SELECT, INSERT, UPDATE');
--> statement-breakpoint
CALL pantheon_protect('outbox', 'owner_id', 'SELECT, INSERT, UPDATE, DELETE');
--> statement-breakpoint
CALL pantheon_protect('llm_call_events', 'owner_id', 'SELECT');
--> statement-breakpoint
CREATE FUNCTION pantheon_is_over(p_status text) RETURNS boolean LANGUAGE sql IMMUTABLE
AS $$ SELECT p_status IN ('completed', 'partial', 'failed', 'cancelled') $$;
--> statement-breakpoint
-- The next event of a turn's log. The turn's row is locked by the update, so the numbers have no gap and no double.
CREATE FUNCTION pantheon_emit(p_turn uuid, p_type text, p_data jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  owner uuid;
  number int;
BEGIN
  UPDATE turns SET last_seq = last_seq + 1 WHERE id = p_turn RETURNING owner_id, last_seq INTO owner, number;
  INSERT INTO turn_events (turn_id, seq, owner_id, type, data, created_at)
    VALUES (p_turn, number, owner, p_type, p_data, pantheon_now());
END $$;
--> statement-breakpoint
-- Written with the state that wants the message; whoever commits publishes at once, and the sweep is the backstop.
CREATE FUNCTION pantheon_post_step(p_step uuid, p_delay_seconds int) RETURNS void LANGUAGE sql AS $$
  INSERT INTO outbox (kind, target_id, turn_id, owner_id, generation, delay_seconds, next_at, made_in)
  SELECT 'step', s.id, s.turn_id, s.owner_id, s.token, p_delay_seconds,
    pantheon_now() + make_interval(secs => p_delay_seconds + 15), txid_current()
  FROM turn_steps s WHERE s.id = p_step
  ON CONFLICT (kind, target_id) DO UPDATE SET generation = excluded.generation, attempts = outbox.attempts + 1,
    delay_seconds = excluded.delay_seconds, next_at = excluded.next_at, made_in = excluded.made_in
$$;
--> statement-breakpoint
CREATE FUNCTION pantheon_letter(o outbox) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT jsonb_build_object('kind', o.kind, 'target', o.target_id, 'turn', o.turn_id,
    'generation', o.generation, 'attempt', o.attempts, 'delay_seconds', o.delay_seconds)
$$;
--> statement-breakpoint
CREATE FUNCTION pantheon_posted_here() RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT coalesce(jsonb_agg(pantheon_letter(o)), '[]') FROM outbox o WHERE o.made_in = txid_current()
$$;
--> statement-breakpoint
-- Of the turn, and of the one that it may have handed its session on to.
CREATE FUNCTION pantheon_still_posted(p_turn uuid) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT coalesce(jsonb_agg(pantheon_letter(o)), '[]') FROM outbox o
  WHERE o.turn_id IN (p_turn, (SELECT a.id FROM turns a WHERE a.is_active AND a.session_id = (SELECT t.session_id FROM turns t WHERE t.id = p_turn)))
$$;
--> statement-breakpoint
-- Hands the session to the turn that waited longest. Looks again when the one it waited for was cancelled meanwhile.
CREATE FUNCTION pantheon_activate_next(p_session uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  next_turn uuid;
BEGIN
  LOOP
    SELECT id INTO next_turn FROM turns WHERE session_id = p_session AND status = 'queued' AND NOT is_active
      ORDER BY turn_index LIMIT 1 FOR NO KEY UPDATE;
    EXIT WHEN next_turn IS NOT NULL OR NOT EXISTS (
      SELECT 1 FROM turns WHERE session_id = p_session AND status = 'queued' AND NOT is_active);
  END LOOP;
  IF next_turn IS NULL THEN RETURN; END IF;
  UPDATE turns SET is_active = true WHERE id = next_turn;
  PERFORM pantheon_post_step(s.id, 0) FROM turn_steps s WHERE s.turn_id = next_turn AND s.status = 'ready';
END $$;
--> statement-breakpoint
-- Only the turn that holds the session can hand it on; one that waits just leaves the line. The caller has locked it.
CREATE FUNCTION pantheon_close_turn(p_turn uuid, p_status text, p_hands_on boolean) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  t turns%ROWTYPE;
BEGIN
  SELECT * INTO t FROM turns WHERE id = p_turn;
  UPDATE turns SET status = p_status, is_active = false, pending_steps = 0, finished_at = pantheon_now() WHERE id = p_turn;
  DELETE FROM outbox WHERE turn_id = p_turn AND kind = 'step';
  PERFORM pantheon_emit(p_turn, 'turn.' || p_status, jsonb_build_object('status', p_status)
    || CASE jsonb_typeof(t.error) WHEN 'object' THEN jsonb_build_object('error', t.error) ELSE '{}' END);
  IF p_hands_on AND t.is_active THEN PERFORM pantheon_activate_next(t.session_id); END IF;
END $$;
--> statement-breakpoint
CREATE FUNCTION pantheon_cancel_steps(p_turn uuid) RETURNS void LANGUAGE sql AS $$
  UPDATE turn_steps SET status = 'cancelled', finished_at = pantheon_now(), lease_until = NULL, checkpoint = NULL
  WHERE turn_id = p_turn AND status IN ('waiting', 'ready', 'running')
$$;
--> statement-breakpoint
-- Terminal at once; a call under way finds out when it commits. Answers what the turn's status was before.
CREATE FUNCTION pantheon_cancel_turn(p_turn uuid, p_hands_on boolean) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  before text;
BEGIN
  SELECT status INTO before FROM turns WHERE id = p_turn FOR NO KEY UPDATE;
  IF before IS NULL OR pantheon_is_over(before) THEN RETURN before; END IF;
  PERFORM pantheon_cancel_steps(p_turn);
  PERFORM pantheon_close_turn(p_turn, 'cancelled', p_hands_on);
  RETURN before;
END $$;
--> statement-breakpoint
-- For a message that no delivery can ever carry out: its turn, if there is one, ends here and not in silence.
CREATE FUNCTION pantheon_fail_turn(p_turn uuid, p_error jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  before text;
BEGIN
  SELECT status INTO before FROM turns WHERE id = p_turn FOR NO KEY UPDATE;
  IF before IS NULL OR pantheon_is_over(before) THEN RETURN '[]'; END IF;
  UPDATE turns SET error = p_error WHERE id = p_turn;
  PERFORM pantheon_cancel_steps(p_turn);
  PERFORM pantheon_close_turn(p_turn, 'failed', true);
  RETURN pantheon_posted_here();
END $$;
--> statement-breakpoint
-- With a room or a session go its turns, in the same transaction.
CREATE FUNCTION pantheon_cancel_turns_of(p_sessions uuid[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  open_turn uuid;
BEGIN
  FOR open_turn IN SELECT id FROM turns WHERE session_id = ANY (p_sessions) AND NOT pantheon_is_over(status) ORDER BY id LOOP
    PERFORM pantheon_cancel_turn(open_turn, false);
  END LOOP;
END $$;
--> statement-breakpoint
-- The newest whole turns that fit in a number of tokens, the recent ones always. Walks back along the index and stops
-- where the window is full, so what is read is bounded by the window and not by the session's length.
CREATE FUNCTION pantheon_history(p_session uuid, p_before_index int, p_tokens int, p_recent_turns int) RETURNS jsonb
LANGUAGE plpgsql STABLE SET enable_sort = off SET enable_bitmapscan = off SET enable_seqscan = off AS $$
DECLARE
  said record;
  running bigint := 0;
  of_index int := p_before_index;
  turns_read int := 0;
  after_index int := -1;
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
    IF running > p_tokens AND turns_read > p_recent_turns THEN
      after_index := said.turn_index;
      EXIT;
    END IF;
  END LOOP;
  RETURN (
    SELECT coalesce(jsonb_agg(jsonb_build_object('id', m.id, 'turn_index', m.turn_index, 'author', m.author, 'agent_key', m.agent_key,
      'agent_name', m.agent_name, 'error_type', m.error_type, 'text', m.text, 'tokens', m.tokens, 'is_pinned', m.is_pinned)
      ORDER BY m.turn_index, m.position), '[]')
    FROM messages m
    WHERE m.session_id = p_session AND m.turn_index > after_index AND m.turn_index < p_before_index AND m.is_in_history);
END $$;
