-- A turn that nothing will wake shows up here: no step has an outbox row or runs, or no turn holds its session.
-- A delivery wakes no turn, and a summary waits for no other turn.
CREATE OR REPLACE VIEW stuck_turns WITH (security_invoker = true) AS
  SELECT t.id, t.session_id, t.status, t.updated_at FROM turns t
  WHERE (t.is_active OR t.mode = 'summary') AND t.status IN ('queued', 'running')
    AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.turn_id = t.id AND o.kind = 'step')
    AND NOT EXISTS (SELECT 1 FROM turn_steps s WHERE s.turn_id = t.id AND s.status = 'running')
  UNION ALL
  SELECT t.id, t.session_id, t.status, t.updated_at FROM turns t
  WHERE t.status = 'queued' AND NOT t.is_active AND t.mode <> 'summary'
    AND NOT EXISTS (SELECT 1 FROM turns a WHERE a.session_id = t.session_id AND a.is_active);

GRANT SELECT ON stuck_turns TO pantheon_system;
