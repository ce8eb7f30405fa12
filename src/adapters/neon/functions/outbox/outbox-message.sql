-- An outbox row goes to the queue with ids and figures only.
CREATE OR REPLACE FUNCTION pantheon_outbox_message(o outbox) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT jsonb_build_object('kind', o.kind, 'target', o.target_id, 'turn', o.turn_id,
    'generation', o.generation, 'attempt', o.attempts, 'delay_seconds', o.delay_seconds)
$$;
