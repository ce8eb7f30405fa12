-- Open entries of each kind, the user's and the agents' apart, and pinned ones: the first and the last 64 of each.
-- A summary holds no more, however long the session is.
CREATE OR REPLACE FUNCTION pantheon_open_entries(p_session uuid) RETURNS jsonb
LANGUAGE sql STABLE SET enable_sort = off SET enable_bitmapscan = off SET enable_seqscan = off AS $$
  SELECT coalesce(jsonb_agg(jsonb_build_object('id', e.id, 'kind', e.kind, 'text', e.text, 'status', e.status,
    'author_key', e.author_key, 'source_message_ids', e.source_message_ids, 'is_pinned', e.is_pinned, 'order', e.place)
    ORDER BY e.place), '[]')
  FROM (SELECT d.*, row_number() OVER (ORDER BY d.id) AS place FROM (SELECT DISTINCT ON (r.id) r.* FROM (
    SELECT ends.* FROM (VALUES ('decision'), ('question'), ('action'), ('fact')) AS k(kind)
      CROSS JOIN (VALUES (true), (false)) AS u(is_users)
      CROSS JOIN LATERAL (
        (SELECT o.* FROM register_entries o WHERE o.session_id = p_session AND o.kind = k.kind
          AND (o.author_key IS NULL) = u.is_users AND o.status = 'open' AND NOT o.is_pinned
          ORDER BY o.id LIMIT 64)
        UNION ALL
        (SELECT o.* FROM register_entries o WHERE o.session_id = p_session AND o.kind = k.kind
          AND (o.author_key IS NULL) = u.is_users AND o.status = 'open' AND NOT o.is_pinned
          ORDER BY o.id DESC LIMIT 64)) AS ends
    UNION ALL
    (SELECT o.* FROM register_entries o WHERE o.session_id = p_session AND o.status = 'open' AND o.is_pinned
      ORDER BY o.id LIMIT 64)
    UNION ALL
    (SELECT o.* FROM register_entries o WHERE o.session_id = p_session AND o.status = 'open' AND o.is_pinned
      ORDER BY o.id DESC LIMIT 64)
  ) AS r ORDER BY r.id) AS d) AS e
$$;
