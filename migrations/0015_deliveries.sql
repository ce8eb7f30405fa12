DROP INDEX "webhook_deliveries_once";--> statement-breakpoint
ALTER TABLE "outbox" ALTER COLUMN "turn_id" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "turns" ADD COLUMN "callback_url" text;--> statement-breakpoint
ALTER TABLE "turns" ADD COLUMN "callback_endpoint_id" uuid;--> statement-breakpoint
ALTER TABLE "webhook_deliveries" ADD COLUMN "earlier_attempts" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "webhook_deliveries" ADD COLUMN "url" text;--> statement-breakpoint
CREATE UNIQUE INDEX "webhook_callbacks_once" ON "webhook_deliveries" USING btree ("turn_id","seq") WHERE url is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "webhook_deliveries_once" ON "webhook_deliveries" USING btree ("endpoint_id","turn_id","seq") WHERE url is null;
--> statement-breakpoint
-- A UUIDv7 of the database's clock, for rows that a statement makes of its own.
CREATE FUNCTION pantheon_new_id() RETURNS uuid LANGUAGE sql VOLATILE AS $$
  SELECT encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid())
    PLACING substring(int8send(floor(extract(epoch FROM pantheon_now()) * 1000)::bigint) FROM 3) FROM 1 FOR 6), 52, 1), 53, 1), 'hex')::uuid
$$;
--> statement-breakpoint
-- A letter for each delivery that is new or due again; the sweep is the backstop, as for steps.
CREATE FUNCTION pantheon_post_delivery(p_delivery uuid, p_delay_seconds int) RETURNS void LANGUAGE sql AS $$
  INSERT INTO outbox (kind, target_id, turn_id, owner_id, generation, delay_seconds, next_at, made_in)
  SELECT 'delivery', d.id, d.turn_id, d.owner_id, d.attempts, p_delay_seconds,
    pantheon_now() + make_interval(secs => p_delay_seconds + 30), txid_current()
  FROM webhook_deliveries d WHERE d.id = p_delivery
  ON CONFLICT (kind, target_id) DO UPDATE SET generation = excluded.generation, attempts = outbox.attempts + 1,
    delay_seconds = excluded.delay_seconds, next_at = excluded.next_at, made_in = excluded.made_in
$$;
--> statement-breakpoint
-- The deliveries of one line of the log: to the endpoints that want it, and to the turn's own callback when it rests.
CREATE FUNCTION pantheon_deliver_event(p_turn turns, p_type text) RETURNS void LANGUAGE sql AS $$
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
    RETURNING id
  )
  INSERT INTO outbox (kind, target_id, turn_id, owner_id, generation, next_at, made_in)
  SELECT 'delivery', m.id, p_turn.id, p_turn.owner_id, 0, pantheon_now() + interval '30 seconds', txid_current() FROM made m
$$;
--> statement-breakpoint
-- The next event of a turn's log, and its deliveries. The turn's row is locked by the update: no gap and no double.
CREATE OR REPLACE FUNCTION pantheon_emit(p_turn uuid, p_type text, p_data jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  t turns%ROWTYPE;
BEGIN
  UPDATE turns SET last_seq = last_seq + 1 WHERE id = p_turn RETURNING * INTO t;
  INSERT INTO turn_events (turn_id, seq, owner_id, type, data, created_at)
    VALUES (p_turn, t.last_seq, t.owner_id, p_type, p_data, pantheon_now());
  PERFORM pantheon_deliver_event(t, p_type);
END $$;
--> statement-breakpoint
-- What one attempt needs: where to, signed by what, and the line of the log as it is. Leased by the delivery's own time.
CREATE FUNCTION pantheon_claim_delivery(p jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  d webhook_deliveries%ROWTYPE;
  e webhook_endpoints%ROWTYPE;
  now_at timestamptz := pantheon_now();
BEGIN
  SELECT * INTO d FROM webhook_deliveries WHERE id = (p->>'delivery')::uuid FOR NO KEY UPDATE;
  IF NOT FOUND THEN RETURN jsonb_build_object('kind', 'unknown'); END IF;
  IF d.status <> 'pending' THEN
    DELETE FROM outbox WHERE kind = 'delivery' AND target_id = d.id;
    RETURN jsonb_build_object('kind', 'over');
  END IF;
  IF d.next_at > now_at THEN
    RETURN jsonb_build_object('kind', 'leased', 'retry_after_seconds', ceil(extract(epoch FROM d.next_at - now_at)));
  END IF;
  SELECT * INTO e FROM webhook_endpoints WHERE id = d.endpoint_id;
  IF e.deleted_at IS NOT NULL OR e.status <> 'active' THEN
    UPDATE webhook_deliveries SET status = 'failed', next_at = NULL, finished_at = now_at WHERE id = d.id;
    DELETE FROM outbox WHERE kind = 'delivery' AND target_id = d.id;
    RETURN jsonb_build_object('kind', 'over');
  END IF;
  UPDATE webhook_deliveries SET attempts = d.attempts + 1, next_at = now_at + make_interval(secs => (p->>'lease_seconds')::int) WHERE id = d.id
    RETURNING * INTO d;
  PERFORM pantheon_post_delivery(d.id, (p->>'lease_seconds')::int);
  RETURN jsonb_build_object('kind', 'won', 'number', d.attempts, 'attempt', 1 + (SELECT count(*) FROM webhook_attempts w WHERE w.delivery_id = d.id AND w.number > d.earlier_attempts),
    'url', coalesce(d.url, e.url),
    'secret', e.secret, 'previous_secret', e.previous_secret, 'previous_secret_expires_at', e.previous_secret_expires_at,
    'type', d.type, 'failing_since', e.failing_since, 'now', now_at,
    'event', CASE WHEN d.turn_id IS NULL
      THEN jsonb_build_object('created_at', to_char(d.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'data', d.data)
      ELSE (SELECT jsonb_build_object('created_at', to_char(v.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
        'data', jsonb_build_object('turn_id', v.turn_id, 'seq', v.seq, 'type', v.type, 'data', v.data,
          'created_at', to_char(v.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')))
        FROM turn_events v WHERE v.turn_id = d.turn_id AND v.seq = d.seq) END);
END $$;
--> statement-breakpoint
-- Fenced by the attempt's number: a commit sent again, or one that comes after the next claim, changes nothing.
CREATE FUNCTION pantheon_commit_delivery(p jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  d webhook_deliveries%ROWTYPE;
  now_at timestamptz := pantheon_now();
  wait_seconds int := p->>'wait_seconds';
BEGIN
  SELECT * INTO d FROM webhook_deliveries WHERE id = (p->>'delivery')::uuid FOR NO KEY UPDATE;
  IF d.id IS NULL OR d.attempts <> (p->>'number')::int OR d.status <> 'pending' THEN RETURN jsonb_build_object('kind', 'fenced'); END IF;
  INSERT INTO webhook_attempts (delivery_id, number, owner_id, outcome, response_status, latency_ms, excerpt, reason, created_at)
    VALUES (d.id, d.attempts, d.owner_id, p->>'outcome', (p->>'response_status')::int, (p->>'latency_ms')::int, p->>'excerpt', p->>'reason', now_at)
    ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN RETURN jsonb_build_object('kind', 'fenced'); END IF;
  IF p->>'next' = 'succeeded' THEN
    UPDATE webhook_endpoints SET failing_since = NULL WHERE id = d.endpoint_id AND failing_since IS NOT NULL;
  ELSE
    UPDATE webhook_endpoints SET failing_since = coalesce(failing_since, now_at) WHERE id = d.endpoint_id AND failing_since IS NULL;
    UPDATE webhook_endpoints SET status = 'disabled', disabled_reason = p->>'disables'
      WHERE id = d.endpoint_id AND status = 'active' AND p->>'disables' IS NOT NULL;
  END IF;
  IF p->>'next' = 'retry' THEN
    UPDATE webhook_deliveries SET next_at = now_at + make_interval(secs => wait_seconds) WHERE id = d.id;
    PERFORM pantheon_post_delivery(d.id, wait_seconds);
  ELSE
    UPDATE webhook_deliveries SET status = CASE p->>'next' WHEN 'succeeded' THEN 'succeeded' ELSE 'failed' END, next_at = NULL, finished_at = now_at
      WHERE id = d.id;
    DELETE FROM outbox WHERE kind = 'delivery' AND target_id = d.id;
  END IF;
  RETURN jsonb_build_object('kind', 'committed', 'letters', pantheon_posted_here());
END $$;
--> statement-breakpoint
-- Deliveries of one endpoint, or a single one, are sent once more with the ids that they have.
CREATE FUNCTION pantheon_redeliver(p_delivery uuid, p_endpoint uuid, p_since timestamptz, p_limit int) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  again uuid;
  renewed int := 0;
BEGIN
  FOR again IN SELECT d.id FROM webhook_deliveries d JOIN webhook_endpoints e ON e.id = d.endpoint_id
    WHERE (d.id = p_delivery OR (d.endpoint_id = p_endpoint AND d.created_at >= p_since)) AND d.status <> 'pending'
      AND e.status = 'active' AND e.deleted_at IS NULL ORDER BY d.id LIMIT p_limit FOR NO KEY UPDATE OF d
  LOOP
    UPDATE webhook_deliveries SET status = 'pending', next_at = pantheon_now(), finished_at = NULL, earlier_attempts = attempts WHERE id = again;
    PERFORM pantheon_post_delivery(again, 0);
    renewed := renewed + 1;
  END LOOP;
  RETURN jsonb_build_object('renewed', renewed, 'letters', pantheon_posted_here());
END $$;
--> statement-breakpoint
-- A delivery that tells nothing but that the endpoint is there.
CREATE FUNCTION pantheon_ping_endpoint(p_delivery uuid, p_endpoint uuid) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO webhook_deliveries (id, owner_id, endpoint_id, type, data, next_at, created_at, updated_at)
  SELECT p_delivery, e.owner_id, e.id, 'webhook.test', jsonb_build_object('endpoint_id', e.id), pantheon_now(), pantheon_now(), pantheon_now()
  FROM webhook_endpoints e WHERE e.id = p_endpoint AND e.owner_id = pantheon_user_id() AND e.deleted_at IS NULL AND e.status = 'active';
  IF NOT FOUND THEN RETURN NULL; END IF;
  PERFORM pantheon_post_delivery(p_delivery, 0);
  RETURN pantheon_posted_here();
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
  RETURN jsonb_build_object('kind', 'won', 'letters', pantheon_posted_here(), 'token', s.token + 1, 'owner_id', t.owner_id, 'turn_index', t.turn_index, 'plan', t.plan,
    'step', jsonb_build_object('id', s.id, 'index', s.step_index, 'agent_key', s.agent_key, 'purpose', s.purpose, 'round', s.round,
      'waited_seconds', s.waited_seconds, 'attempts', s.attempts + 1, 'prompt_bound', s.prompt_bound),
    'is_exhausted', s.attempts >= (p->>'max_attempts')::int,
    'checkpoint', s.checkpoint, 'messages', pantheon_turn_messages(t.id, s.sees),
    'history', pantheon_history(t.session_id, t.turn_index, s.window_tokens, (p->>'recent_turns')::int));
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
-- What wakes a turn is a letter for one of its steps: one for a delivery does not.
CREATE OR REPLACE VIEW stuck_turns WITH (security_invoker = true) AS
  SELECT t.id, t.session_id, t.status, t.updated_at FROM turns t
  WHERE t.is_active AND t.status IN ('queued', 'running')
    AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.turn_id = t.id AND o.kind = 'step')
    AND NOT EXISTS (SELECT 1 FROM turn_steps s WHERE s.turn_id = t.id AND s.status = 'running')
  UNION ALL
  SELECT t.id, t.session_id, t.status, t.updated_at FROM turns t
  WHERE t.status = 'queued' AND NOT t.is_active
    AND NOT EXISTS (SELECT 1 FROM turns a WHERE a.session_id = t.session_id AND a.is_active);
