-- A turn's cost of a day counts against each of these five budgets.
CREATE OR REPLACE FUNCTION pantheon_budget_scopes(p_turn turns, p_day date) RETURNS TABLE (scope text, scope_key text)
LANGUAGE sql IMMUTABLE AS $$
  VALUES ('day', to_char(p_day, 'YYYY-MM-DD')), ('month', to_char(p_day, 'YYYY-MM')), ('room', p_turn.room_id::text),
    ('session', p_turn.session_id::text), ('turn', p_turn.id::text)
$$;
