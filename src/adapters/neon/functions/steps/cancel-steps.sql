-- A cancelled call under way keeps its lease until its holder books it or the lease ends.
CREATE OR REPLACE FUNCTION pantheon_cancel_steps(p_turn uuid) RETURNS void LANGUAGE sql AS $$
  UPDATE turn_steps SET status = 'cancelled', finished_at = pantheon_now(), checkpoint = NULL, approvals = NULL,
    lease_until = CASE status WHEN 'running' THEN lease_until END
  WHERE turn_id = p_turn AND status IN ('waiting', 'ready', 'running', 'awaiting')
$$;
