-- The answer holds the outbox rows that this transaction wrote.
CREATE OR REPLACE FUNCTION pantheon_outbox_of_transaction() RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT coalesce(jsonb_agg(pantheon_outbox_message(o)), '[]') FROM outbox o WHERE o.made_in = txid_current()
$$;
