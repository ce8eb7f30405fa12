-- Held and spent money of a turn is counted in all of its budgets at once.
CREATE OR REPLACE FUNCTION pantheon_count_budget(p_turn turns, p_day date, p_held bigint, p_spent bigint) RETURNS void
LANGUAGE sql AS $$
  UPDATE budget_counters c SET held_units = c.held_units + p_held, spent_units = c.spent_units + p_spent
  FROM pantheon_budget_scopes(p_turn, p_day) AS s
  WHERE c.owner_id = p_turn.owner_id AND c.scope = s.scope AND c.scope_key = s.scope_key
$$;
