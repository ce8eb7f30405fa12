-- A summary's next version is written with what it adds to the register.
-- The caller holds the memory's lock and knows the version before.
CREATE OR REPLACE FUNCTION pantheon_write_summary(p_session uuid, p_step uuid, p jsonb) RETURNS void LANGUAGE sql AS $$
  INSERT INTO session_summaries (id, owner_id, session_id, version, step_id, through_turn_index, made_at_turn_index,
    cursor, text, items, rendered, tokens, token_class, is_fallback, open_counts, created_at)
  SELECT (p->>'id')::uuid, s.owner_id, s.id, (p->>'base_version')::int + 1, p_step, (p->>'through_turn_index')::int,
    (p->>'made_at_turn_index')::int, nullif(p->'cursor', 'null'::jsonb), p->>'text', p->'items', p->>'rendered',
    (p->>'tokens')::int, p->>'token_class', (p->>'is_fallback')::boolean, p->'open_counts', pantheon_now()
  FROM sessions s WHERE s.id = p_session;
  INSERT INTO register_entries (id, owner_id, room_id, session_id, kind, text, author_key, source_message_ids,
    is_pinned, created_at, updated_at)
  SELECT e.id, s.owner_id, s.room_id, s.id, e.kind, e.text, e.author_key, e.source_message_ids,
    coalesce(e.is_pinned, false), pantheon_now(), pantheon_now()
  FROM jsonb_to_recordset(p->'new_entries') AS e(id uuid, kind text, text text, author_key text,
    source_message_ids uuid[], is_pinned boolean)
    CROSS JOIN sessions s WHERE s.id = p_session;
  UPDATE register_entries r SET status = coalesce(c.status, r.status), is_pinned = coalesce(c.is_pinned, r.is_pinned),
    superseded_by = coalesce(c.superseded_by, r.superseded_by)
  FROM jsonb_to_recordset(p->'changes') AS c(id uuid, status text, is_pinned boolean, superseded_by uuid)
  WHERE r.id = c.id AND r.session_id = p_session;
$$;
