CREATE TABLE "tool_calls" (
	"id" uuid PRIMARY KEY NOT NULL,
	"owner_id" uuid NOT NULL,
	"turn_id" uuid NOT NULL,
	"step_id" uuid NOT NULL,
	"attempt" integer NOT NULL,
	"ordinal" integer NOT NULL,
	"agent_key" text NOT NULL,
	"call_id" text NOT NULL,
	"name" text NOT NULL,
	"arguments" text NOT NULL,
	"status" text NOT NULL,
	"result_bytes" integer NOT NULL,
	"latency_ms" integer NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "tool_calls_once" UNIQUE("step_id","attempt","ordinal"),
	CONSTRAINT "tool_calls_status_known" CHECK ("tool_calls"."status" in ('ok', 'refused', 'failed', 'denied'))
);
--> statement-breakpoint
CREATE TABLE "tool_servers" (
	"id" uuid PRIMARY KEY NOT NULL,
	"owner_id" uuid NOT NULL,
	"room_id" uuid NOT NULL,
	"name" text NOT NULL,
	"url" text NOT NULL,
	"authorization" text,
	"has_authorization" boolean GENERATED ALWAYS AS ("authorization" is not null) STORED NOT NULL,
	"requires_approval" boolean NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"deleted_at" timestamp with time zone,
	CONSTRAINT "tool_servers_gone_open_nothing" CHECK ("tool_servers"."deleted_at" is null or "tool_servers"."authorization" is null)
);
--> statement-breakpoint
ALTER TABLE "turn_steps" DROP CONSTRAINT "turn_steps_status_known";--> statement-breakpoint
ALTER TABLE "room_agents" ADD COLUMN "tools" text[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "turn_steps" ADD COLUMN "approvals" jsonb;--> statement-breakpoint
ALTER TABLE "tool_calls" ADD CONSTRAINT "tool_calls_turn_owner" FOREIGN KEY ("turn_id","owner_id") REFERENCES "public"."turns"("id","owner_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tool_servers" ADD CONSTRAINT "tool_servers_room" FOREIGN KEY ("room_id","owner_id") REFERENCES "public"."rooms"("id","owner_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "tool_calls_turn" ON "tool_calls" USING btree ("turn_id");--> statement-breakpoint
CREATE UNIQUE INDEX "tool_servers_name_unique" ON "tool_servers" USING btree ("room_id",lower(name)) WHERE deleted_at is null;--> statement-breakpoint
ALTER TABLE "turn_steps" ADD CONSTRAINT "turn_steps_status_known" CHECK ("turn_steps"."status" in ('waiting', 'ready', 'running', 'awaiting', 'done', 'failed', 'cancelled'));
--> statement-breakpoint
CALL pantheon_protect('tool_servers', 'owner_id', 'INSERT, UPDATE');
--> statement-breakpoint
CALL pantheon_protect('tool_calls', 'owner_id', 'SELECT');
--> statement-breakpoint
-- All but what opens the server: a request of a user can put it in, and no query of it can bring it back.
GRANT SELECT (id, owner_id, room_id, name, url, has_authorization, requires_approval, created_at, updated_at, deleted_at) ON tool_servers TO pantheon_app;
--> statement-breakpoint
-- The newest messages before those that a window has whole, as far as an agent may see them. Walks back along the index.
CREATE FUNCTION pantheon_earlier_messages(p_session uuid, p_before_index int, p_agent_key text) RETURNS jsonb
LANGUAGE sql STABLE SET enable_sort = off SET enable_bitmapscan = off SET enable_seqscan = off AS $$
  SELECT coalesce(jsonb_agg(jsonb_build_object('agent_key', e.agent_key, 'text', e.text) ORDER BY e.turn_index, e.position), '[]') FROM (
    SELECT m.turn_index, m.position, m.agent_key, left(m.text, 2000) AS text FROM messages m
    WHERE m.session_id = p_session AND m.turn_index < p_before_index AND m.is_in_history AND NOT m.is_pinned
      AND (m.private_to IS NULL OR m.private_to = p_agent_key)
    ORDER BY m.turn_index DESC, m.position DESC LIMIT 400) AS e
$$;
--> statement-breakpoint
-- What the step's agent works with, if it has any tools: the servers that it may call, what is remembered, and the turn's time.
CREATE FUNCTION pantheon_toolbox(p_turn turns, p_step turn_steps, p_window jsonb) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object('decisions', coalesce(p_step.approvals, '[]'), 'began_at', to_char(p_turn.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
    'servers', (SELECT coalesce(jsonb_agg(jsonb_build_object('name', v.name, 'url', v.url, 'authorization', v.authorization,
        'requires_approval', v.requires_approval) ORDER BY v.name), '[]')
      FROM tool_servers v WHERE v.room_id = p_turn.room_id AND v.deleted_at IS NULL
        AND EXISTS (SELECT 1 FROM jsonb_array_elements_text(a->'tools') AS n WHERE starts_with(lower(n), lower(v.name) || '/'))),
    'entries', CASE WHEN a->'tools' @> '["search_memory"]' THEN (
      SELECT coalesce(jsonb_agg(jsonb_build_object('kind', e.kind, 'text', e.text, 'author_key', e.author_key) ORDER BY e.id), '[]') FROM (
        SELECT r.id, r.kind, r.text, r.author_key FROM register_entries r WHERE r.session_id = p_turn.session_id AND r.status <> 'superseded'
        ORDER BY r.id DESC LIMIT 500) AS e) ELSE '[]' END,
    'earlier', CASE WHEN a->'tools' @> '["search_memory"]'
      THEN pantheon_earlier_messages(p_turn.session_id, (p_window->>'reads_from_turn_index')::int, p_step.agent_key) ELSE '[]' END)
  FROM jsonb_array_elements(p_turn.plan->'agents') AS a
  WHERE p_step.purpose = 'agent' AND a->>'key' = p_step.agent_key AND jsonb_array_length(coalesce(a->'tools', '[]')) > 0
$$;
--> statement-breakpoint
CREATE FUNCTION pantheon_record_tool_calls(p_turn turns, p_step turn_steps, p_token int, p_calls jsonb) RETURNS void LANGUAGE sql AS $$
  INSERT INTO tool_calls (id, owner_id, turn_id, step_id, attempt, ordinal, agent_key, call_id, name, arguments, status, result_bytes, latency_ms, created_at)
  SELECT c.id, p_turn.owner_id, p_turn.id, p_step.id, p_token, c.ordinal, p_step.agent_key, c.call_id, c.name, c.arguments, c.status, c.result_bytes,
    c.latency_ms, pantheon_now()
  FROM jsonb_to_recordset(p_calls) AS c(id uuid, ordinal int, call_id text, name text, arguments text, status text, result_bytes int, latency_ms int)
$$;
--> statement-breakpoint
-- A turn in which nothing can move before a person decides waits for it, and says for what.
CREATE FUNCTION pantheon_rest(p_turn uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  asked jsonb;
BEGIN
  IF EXISTS (SELECT 1 FROM turn_steps s WHERE s.turn_id = p_turn AND s.status IN ('ready', 'running')) THEN RETURN; END IF;
  SELECT jsonb_build_object('code', 'approval_required', 'approvals', jsonb_agg(jsonb_build_object('step_id', s.id, 'agent_key', s.agent_key,
    'id', c->>'id', 'tool', c->>'tool', 'arguments', c->'arguments') ORDER BY s.step_index)) INTO asked
  FROM turn_steps s CROSS JOIN jsonb_array_elements(s.approvals) AS c
  WHERE s.turn_id = p_turn AND s.status = 'awaiting' AND c->>'decision' IS NULL HAVING count(*) > 0;
  IF asked IS NULL THEN RETURN; END IF;
  UPDATE turns SET status = 'paused', pause = asked WHERE id = p_turn AND status = 'running';
  IF FOUND THEN PERFORM pantheon_emit(p_turn, 'turn.paused', jsonb_build_object('status', 'paused', 'pause', asked)); END IF;
END $$;
--> statement-breakpoint
CREATE FUNCTION pantheon_emit_of_step(p_turn turns, p_step turn_steps, p_events jsonb) RETURNS void LANGUAGE sql AS $$
  SELECT pantheon_emit(p_turn.id, e.type, jsonb_build_object('step_id', p_step.id, 'agent_key', p_step.agent_key, 'round', p_step.round,
    'agent_name', (SELECT a->>'name' FROM jsonb_array_elements(p_turn.plan->'agents') AS a WHERE a->>'key' = p_step.agent_key)) || e.data)
  FROM jsonb_to_recordset(p_events) AS e(type text, data jsonb)
$$;
--> statement-breakpoint
-- What a person decided on tool calls: all of it or nothing. A step whose calls are all decided on may go on, and its turn with it.
CREATE FUNCTION pantheon_decide(p_turn uuid, p_decisions jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
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
      WHERE s.turn_id = p_turn AND s.status = 'awaiting' AND c->>'id' = d.id AND coalesce(c->>'decision', d.decision) = d.decision) LIMIT 1;
  IF unknown IS NOT NULL THEN RETURN jsonb_build_object('kind', 'unknown', 'id', unknown); END IF;
  UPDATE turn_steps s SET approvals = (
      SELECT jsonb_agg(c || CASE WHEN d.id IS NULL THEN '{}'::jsonb ELSE jsonb_build_object('decision', d.decision) END)
      FROM jsonb_array_elements(s.approvals) AS c LEFT JOIN jsonb_to_recordset(p_decisions) AS d(id text, decision text) ON d.id = c->>'id')
    WHERE s.turn_id = p_turn AND s.status = 'awaiting';
  UPDATE turn_steps s SET status = 'ready' WHERE s.turn_id = p_turn AND s.status = 'awaiting'
    AND NOT EXISTS (SELECT 1 FROM jsonb_array_elements(s.approvals) AS c WHERE c->>'decision' IS NULL);
  is_moving := FOUND;
  PERFORM pantheon_post_step(s.id, 0) FROM turn_steps s WHERE s.turn_id = p_turn AND s.status = 'ready' AND s.approvals IS NOT NULL;
  IF before = 'paused' AND is_moving THEN
    UPDATE turns SET status = 'running', pause = NULL WHERE id = p_turn;
    PERFORM pantheon_emit(p_turn, 'turn.resumed', jsonb_build_object('status', 'running'));
  ELSIF before = 'paused' THEN
    UPDATE turns t SET pause = t.pause || jsonb_build_object('approvals', (SELECT jsonb_agg(a) FROM jsonb_array_elements(t.pause->'approvals') AS a
      WHERE NOT EXISTS (SELECT 1 FROM jsonb_to_recordset(p_decisions) AS d(id text) WHERE d.id = a->>'id'))) WHERE t.id = p_turn;
  END IF;
  RETURN jsonb_build_object('kind', 'decided', 'letters', pantheon_posted_here());
END $$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION pantheon_end_step(p_step uuid, p jsonb, p_goes_on boolean) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  ended turn_steps%ROWTYPE;
  of_turn turns%ROWTYPE;
  spoken jsonb;
  v_error jsonb := nullif(p->'error', 'null'::jsonb);
  is_done boolean := p->>'outcome' = 'done';
BEGIN
  UPDATE turn_steps SET status = p->>'outcome', error = v_error, result = nullif(p->'result', 'null'::jsonb), finished_at = pantheon_now(),
    lease_until = NULL, checkpoint = NULL, approvals = NULL,
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
  PERFORM pantheon_rest(of_turn.id);
  IF of_turn.pending_steps = 0 AND NOT p_goes_on THEN
    PERFORM pantheon_close_turn(of_turn.id, CASE of_turn.failed_steps WHEN 0 THEN 'completed' WHEN of_turn.total_steps THEN 'failed' ELSE 'partial' END, true);
    IF jsonb_typeof(p->'after') = 'object' THEN PERFORM pantheon_begin_summary(of_turn.session_id, p->'after'); END IF;
  END IF;
END $$;
--> statement-breakpoint
-- Locks the turn, then the step, always in this order; decides by the database's clock who may run.
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
  -- A sweep may have written a letter for a step that ended at that moment; its message has now arrived.
  IF s.status IN ('done', 'failed', 'cancelled') THEN DELETE FROM outbox WHERE kind = 'step' AND target_id = s.id; END IF;
  IF pantheon_is_over(t.status) THEN RETURN jsonb_build_object('kind', 'over', 'letters', pantheon_still_posted(t.id)); END IF;
  IF s.status IN ('done', 'failed', 'cancelled') THEN RETURN jsonb_build_object('kind', 'finished', 'letters', pantheon_still_posted(t.id)); END IF;
  IF s.status IN ('waiting', 'awaiting') OR NOT (t.is_active OR t.mode = 'summary') OR t.status = 'paused' THEN RETURN jsonb_build_object('kind', 'not_ready'); END IF;
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
  IF s.purpose <> 'summarize' THEN
    v_window := pantheon_window(t.session_id, t.turn_index, s.window_tokens, (p->>'recent_turns')::int);
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
      'window', v_window,
      'steps', (SELECT jsonb_agg(jsonb_build_object('index', o.step_index, 'purpose', o.purpose, 'agent_key', o.agent_key, 'round', o.round,
        'status', o.status, 'result', o.result) ORDER BY o.step_index) FROM turn_steps o WHERE o.turn_id = t.id),
      'toolbox', pantheon_toolbox(t, s, v_window)) END;
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
      -- They may have had their effect; the turn's log is closed.
      PERFORM pantheon_record_tool_calls(t, s, v_token, p->'tool_calls');
      PERFORM pantheon_settle(t, s, v_token, p->'calls', true);
    END IF;
    RETURN jsonb_build_object('kind', 'cancelled', 'letters', pantheon_posted_here());
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
  PERFORM pantheon_record_tool_calls(t, s, v_token, p->'tool_calls');
  PERFORM pantheon_emit_of_step(t, s, (SELECT jsonb_agg(jsonb_build_object('type', 'tool.called', 'data', jsonb_build_object('call_id', c.call_id, 'tool', c.name,
    'status', c.status)) ORDER BY c.ordinal) FROM jsonb_to_recordset(p->'tool_calls') AS c(ordinal int, call_id text, name text, status text)));
  IF p->>'outcome' IN ('done', 'failed') THEN
    PERFORM pantheon_end_step(s.id, p, coalesce(jsonb_array_length(p->'next'), 0) > 0);
    PERFORM pantheon_settle(t, s, v_token, p->'calls', true);
    IF jsonb_array_length(p->'next') > 0 THEN PERFORM pantheon_go_on(t.id, p->'next'); END IF;
  ELSIF p->>'outcome' = 'continue' THEN
    -- What was decided goes on with it: some of those calls may still have to be made.
    UPDATE turn_steps SET status = 'ready', checkpoint = p->>'checkpoint', attempts = 0, lease_until = NULL WHERE id = s.id;
    PERFORM pantheon_emit_of_step(t, s, p->'events');
    PERFORM pantheon_post_step(s.id, 0);
    PERFORM pantheon_settle(t, s, v_token, p->'calls', false);
  ELSIF p->>'outcome' = 'await' THEN
    UPDATE turn_steps SET status = 'awaiting', checkpoint = p->>'checkpoint', approvals = p->'awaited', attempts = 0, lease_until = NULL WHERE id = s.id;
    PERFORM pantheon_emit_of_step(t, s, p->'events');
    PERFORM pantheon_rest(t.id);
    PERFORM pantheon_settle(t, s, v_token, p->'calls', false);
  ELSE
    -- Back to the queue, which brings the same message again; the letter is only for the case that it does not.
    UPDATE turn_steps SET status = 'ready', checkpoint = coalesce(p->>'checkpoint', checkpoint), lease_until = NULL, not_before = pantheon_now() + make_interval(secs => wait_seconds),
      waited_seconds = waited_seconds + wait_seconds, attempts = CASE WHEN (p->>'is_fault')::boolean THEN attempts ELSE attempts - 1 END
    WHERE id = s.id;
    PERFORM pantheon_post_step(s.id, wait_seconds + 30);
    PERFORM pantheon_settle(t, s, v_token, p->'calls', false);
    RETURN jsonb_build_object('kind', 'committed', 'letters', '[]'::jsonb);
  END IF;
  RETURN jsonb_build_object('kind', 'committed', 'letters', pantheon_posted_here());
END $$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION pantheon_cancel_steps(p_turn uuid) RETURNS void LANGUAGE sql AS $$
  UPDATE turn_steps SET status = 'cancelled', finished_at = pantheon_now(), checkpoint = NULL, approvals = NULL,
    lease_until = CASE status WHEN 'running' THEN lease_until END
  WHERE turn_id = p_turn AND status IN ('waiting', 'ready', 'running', 'awaiting')
$$;
--> statement-breakpoint
-- A paused turn goes on where it stopped, once what is planned can be held for. A budget given raises the turn's own.
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
  IF (SELECT pause->>'code' FROM turns WHERE id = p_turn) = 'approval_required' THEN RETURN jsonb_build_object('kind', 'awaiting_approval'); END IF;
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
