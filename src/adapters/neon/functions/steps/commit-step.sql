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
