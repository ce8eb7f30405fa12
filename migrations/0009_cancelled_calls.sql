CREATE INDEX "turn_steps_unheard" ON "turn_steps" USING btree ("lease_until") WHERE status = 'cancelled' and lease_until is not null;--> statement-breakpoint
-- A call under way keeps its lease, so that it is known of until its holder books it or the lease ends.
CREATE OR REPLACE FUNCTION pantheon_cancel_steps(p_turn uuid) RETURNS void LANGUAGE sql AS $$
  UPDATE turn_steps SET status = 'cancelled', finished_at = pantheon_now(), checkpoint = NULL,
    lease_until = CASE status WHEN 'running' THEN lease_until END
  WHERE turn_id = p_turn AND status IN ('waiting', 'ready', 'running')
$$;
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
      PERFORM pantheon_record_calls(t, s, v_token, p->'calls');
      UPDATE turn_steps SET lease_until = NULL WHERE id = s.id;
    END IF;
    RETURN jsonb_build_object('kind', 'cancelled');
  END IF;
  IF s.status <> 'running' THEN RETURN jsonb_build_object('kind', 'already', 'letters', pantheon_still_posted(t.id)); END IF;
  PERFORM pantheon_record_calls(t, s, v_token, p->'calls');
  INSERT INTO turn_context_audit (id, owner_id, turn_id, step_index, agent_key, attempt, audit, created_at)
    VALUES ((p->>'audit_id')::uuid, t.owner_id, t.id, s.step_index, s.agent_key, v_token, p->'audit', pantheon_now())
    ON CONFLICT (turn_id, step_index, attempt) DO NOTHING;
  IF p->>'outcome' IN ('done', 'failed') THEN
    PERFORM pantheon_end_step(s.id, p->>'outcome', nullif(p->'error', 'null'::jsonb), p->'message');
  ELSIF p->>'outcome' = 'continue' THEN
    UPDATE turn_steps SET status = 'ready', checkpoint = p->>'checkpoint', attempts = 0, lease_until = NULL WHERE id = s.id;
    PERFORM pantheon_post_step(s.id, 0);
  ELSE
    -- Back to the queue, which brings the same message again; the letter is only for the case that it does not.
    UPDATE turn_steps SET status = 'ready', lease_until = NULL, not_before = pantheon_now() + make_interval(secs => wait_seconds),
      waited_seconds = waited_seconds + wait_seconds, attempts = CASE WHEN (p->>'is_fault')::boolean THEN attempts ELSE attempts - 1 END
    WHERE id = s.id;
    PERFORM pantheon_post_step(s.id, wait_seconds + 30);
    RETURN jsonb_build_object('kind', 'committed', 'letters', '[]'::jsonb);
  END IF;
  RETURN jsonb_build_object('kind', 'committed', 'letters', pantheon_posted_here());
END $$;
--> statement-breakpoint
-- The holder of a cancelled call never came back: its attempt is booked as lost. Waits for nobody's lock.
CREATE FUNCTION pantheon_book_unheard(p_limit int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  unheard record;
  t turns%ROWTYPE;
  s turn_steps%ROWTYPE;
BEGIN
  FOR unheard IN SELECT turn_id, id FROM turn_steps
    WHERE status = 'cancelled' AND lease_until IS NOT NULL AND lease_until < pantheon_now() ORDER BY lease_until, id LIMIT p_limit
  LOOP
    SELECT * INTO t FROM turns WHERE id = unheard.turn_id FOR NO KEY UPDATE SKIP LOCKED;
    CONTINUE WHEN NOT FOUND;
    SELECT * INTO s FROM turn_steps WHERE id = unheard.id AND lease_until IS NOT NULL FOR NO KEY UPDATE;
    CONTINUE WHEN NOT FOUND;
    PERFORM pantheon_book_lost_attempt(t, s, gen_random_uuid());
    UPDATE turn_steps SET lease_until = NULL, lost_attempts = lost_attempts + 1 WHERE id = s.id;
  END LOOP;
END $$;
--> statement-breakpoint
-- Steps whose holder is gone get a letter again, and letters that are due are handed out, each with a growing pause.
-- Stateless: may run at any moment, twice at once. Locks only what is over or in the outbox, and skips what another holds.
CREATE OR REPLACE FUNCTION pantheon_sweep(p_limit int) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  due jsonb;
BEGIN
  PERFORM pantheon_book_unheard(p_limit);
  INSERT INTO outbox (kind, target_id, turn_id, owner_id, generation, next_at, made_in)
  SELECT 'step', s.id, s.turn_id, s.owner_id, s.token, pantheon_now(), txid_current()
  FROM turn_steps s WHERE s.status = 'running' AND s.lease_until < pantheon_now()
  ORDER BY s.lease_until, s.id LIMIT p_limit
  ON CONFLICT (kind, target_id) DO NOTHING;
  WITH taken AS (
    SELECT o.kind, o.target_id FROM outbox o WHERE o.next_at <= pantheon_now() ORDER BY o.next_at LIMIT p_limit FOR UPDATE SKIP LOCKED
  ), sent AS (
    UPDATE outbox o SET attempts = o.attempts + 1, delay_seconds = 0,
      next_at = pantheon_now() + make_interval(secs => least(600, 15 * power(2, least(o.attempts, 6))::int))
    FROM taken WHERE o.kind = taken.kind AND o.target_id = taken.target_id RETURNING pantheon_letter(o) AS letter
  )
  SELECT coalesce(jsonb_agg(letter), '[]') INTO due FROM sent;
  DELETE FROM idempotency_keys WHERE (owner_id, key) IN (
    SELECT owner_id, key FROM idempotency_keys WHERE expires_at <= pantheon_now() LIMIT p_limit FOR UPDATE SKIP LOCKED);
  RETURN due;
END $$;
