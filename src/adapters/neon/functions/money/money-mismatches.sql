-- Figures that are kept twice agree: this view is always empty.
CREATE OR REPLACE VIEW pantheon_money_mismatches WITH (security_invoker = true) AS
WITH held AS (
  SELECT h.step_id, h.owner_id, h.turn_id, t.session_id, t.room_id, h.held_on, h.charged_units AS spent,
    CASE WHEN h.is_open THEN h.units - h.charged_units ELSE 0 END AS rest
  FROM holds h LEFT JOIN turns t ON t.id = h.turn_id
), scoped AS (
  SELECT h.owner_id, s.scope, s.scope_key, sum(h.rest) AS held, sum(h.spent) AS spent
  FROM held h CROSS JOIN LATERAL (VALUES ('day', to_char(h.held_on, 'YYYY-MM-DD')),
    ('month', to_char(h.held_on, 'YYYY-MM')), ('room', h.room_id::text), ('session', h.session_id::text),
    ('turn', h.turn_id::text)) AS s(scope, scope_key)
  GROUP BY 1, 2, 3
), counted AS (
  SELECT coalesce(c.owner_id, s.owner_id) AS owner_id,
    coalesce(c.scope, s.scope) || ':' || coalesce(c.scope_key, s.scope_key) AS scope,
    coalesce(s.held, 0) AS held, coalesce(s.spent, 0) AS spent,
    coalesce(c.held_units, 0) AS held_found, coalesce(c.spent_units, 0) AS spent_found
  FROM budget_counters c FULL JOIN scoped s ON s.owner_id = c.owner_id AND s.scope = c.scope
    AND s.scope_key = c.scope_key
), called AS (
  SELECT owner_id, sum(credit_units) AS metered, sum(charged_units) AS charged FROM llm_call_events GROUP BY 1
), balances AS (
  SELECT owner_id, coalesce(sum(balance_units) FILTER (WHERE kind = 'held'), 0) AS held,
    coalesce(sum(balance_units) FILTER (WHERE kind = 'revenue'), 0) AS revenue,
    coalesce(sum(balance_units) FILTER (WHERE kind IN ('waste', 'variance')), 0) AS platform
  FROM accounts GROUP BY 1
), compared AS (
  SELECT coalesce(a.owner_id, e.owner_id) AS owner_id,
    'balance ' || coalesce(a.kind, e.account_kind) AS what, coalesce(e.units, 0) AS expected,
    coalesce(a.balance_units, 0)::numeric AS found
  FROM accounts a FULL JOIN (SELECT owner_id, account_kind, sum(amount_units) AS units FROM ledger_entries
    GROUP BY 1, 2) AS e
    ON e.owner_id = a.owner_id AND e.account_kind = a.kind
  UNION ALL
  SELECT owner_id, 'operation ' || operation_key, 0, sum(amount_units) FROM ledger_entries
    GROUP BY owner_id, operation_key
  UNION ALL
  SELECT coalesce(b.owner_id, h.owner_id), 'held', coalesce(h.rest, 0), coalesce(b.held, 0)
  FROM balances b FULL JOIN (SELECT owner_id, sum(rest) AS rest FROM held GROUP BY 1) AS h ON h.owner_id = b.owner_id
  UNION ALL
  SELECT owner_id, 'budget held ' || scope, held, held_found FROM counted
  UNION ALL
  SELECT owner_id, 'budget spent ' || scope, spent, spent_found FROM counted
  UNION ALL
  SELECT h.owner_id, 'charged to hold ' || h.step_id, coalesce(c.charged, 0), h.spent
  FROM held h LEFT JOIN (SELECT step_id, sum(charged_units) AS charged FROM llm_call_events
    GROUP BY 1) AS c ON c.step_id = h.step_id
  UNION ALL
  SELECT coalesce(b.owner_id, c.owner_id), 'revenue', coalesce(c.metered, 0), coalesce(b.revenue, 0)
  FROM balances b FULL JOIN called c ON c.owner_id = b.owner_id
  UNION ALL
  SELECT coalesce(b.owner_id, c.owner_id), 'waste and variance', coalesce(c.charged - c.metered, 0),
    coalesce(b.platform, 0)
  FROM balances b FULL JOIN called c ON c.owner_id = b.owner_id
  UNION ALL
  SELECT coalesce(g.owner_id, e.owner_id), coalesce('grant:' || g.id, e.operation_key), coalesce(g.units, 0),
    coalesce(e.units, 0)
  FROM grants g FULL JOIN (SELECT owner_id, operation_key, sum(amount_units) AS units FROM ledger_entries
    WHERE reason = 'admin_grant' AND account_kind = 'wallet' GROUP BY 1, 2) AS e ON e.owner_id = g.owner_id
      AND e.operation_key = 'grant:' || g.id
)
SELECT owner_id, what, expected, found FROM compared WHERE expected <> found;

GRANT SELECT ON pantheon_money_mismatches TO pantheon_system;
