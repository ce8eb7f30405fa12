-- The entries of an operation come in one statement and sum to zero; nothing else moves a balance.
CREATE OR REPLACE FUNCTION pantheon_ledger_apply() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM new_entries GROUP BY operation_key HAVING sum(amount_units) <> 0) THEN
    RAISE EXCEPTION 'a money operation does not sum to zero'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_entries_sum_zero';
  END IF;
  -- Locked in one order, so that two operations on the same accounts cannot deadlock.
  PERFORM 1 FROM accounts a WHERE (a.owner_id, a.kind) IN (SELECT owner_id, account_kind FROM new_entries)
    ORDER BY a.owner_id, a.kind FOR NO KEY UPDATE;
  UPDATE accounts a SET balance_units = a.balance_units + moved.units
  FROM (SELECT owner_id, account_kind, sum(amount_units) AS units FROM new_entries GROUP BY 1, 2) AS moved
  WHERE a.owner_id = moved.owner_id AND a.kind = moved.account_kind;
  RETURN NULL;
END $$;
