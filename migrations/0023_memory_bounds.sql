ALTER TABLE "session_summaries" ADD COLUMN "open_counts" jsonb;--> statement-breakpoint
CREATE INDEX "register_entries_open" ON "register_entries" USING btree ("session_id","kind",("author_key" is null),"id") WHERE status = 'open' and not is_pinned;--> statement-breakpoint
CREATE INDEX "register_entries_pinned" ON "register_entries" USING btree ("session_id","id") WHERE status = 'open' and is_pinned;
--> statement-breakpoint
-- The summary, the newest whole turns that it does not cover as far as they fit in a number of tokens, the recent ones always, and what
-- is pinned. Walks back along the index and stops where the window is full, each message having a frame of a token at least, or where
-- there are more messages than one step is given: what is read is bounded by the window, not by the session.
CREATE OR REPLACE FUNCTION pantheon_window(p_session uuid, p_before_index int, p_tokens int, p_recent_turns int) RETURNS jsonb
LANGUAGE plpgsql STABLE SET enable_sort = off SET enable_bitmapscan = off SET enable_seqscan = off AS $$
DECLARE
  said record;
  summary jsonb := pantheon_summary_in_force(p_session);
  covered int := coalesce((summary->>'through_turn_index')::int, 0);
  running bigint := 0;
  of_index int := p_before_index;
  turns_read int := 0;
  messages_read int := 0;
  after_index int := 0;
BEGIN
  -- Without a sort the index gives the order, so that reading stops where the window ends. A refused turn is no recent one.
  FOR said IN SELECT m.turn_index, m.tokens FROM messages m
    WHERE m.session_id = p_session AND m.turn_index < p_before_index AND m.is_in_history
    ORDER BY m.turn_index DESC, m.position DESC
  LOOP
    IF said.turn_index < of_index THEN
      of_index := said.turn_index;
      turns_read := turns_read + 1;
    END IF;
    running := running + said.tokens + 1;
    messages_read := messages_read + 1;
    IF turns_read > p_recent_turns AND (running > p_tokens OR messages_read > 4000 OR said.turn_index <= covered) THEN
      after_index := said.turn_index;
      EXIT;
    END IF;
  END LOOP;
  RETURN jsonb_build_object('summary', summary, 'reads_from_turn_index', after_index + 1, 'messages', (
    SELECT coalesce(jsonb_agg(said_row.said ORDER BY said_row.turn_index, said_row.position), '[]') FROM (
      SELECT pantheon_said(m) AS said, m.turn_index, m.position FROM messages m
      WHERE m.session_id = p_session AND m.turn_index <= after_index AND m.is_pinned AND m.is_in_history
      UNION ALL
      SELECT pantheon_said(m), m.turn_index, m.position FROM messages m
      WHERE m.session_id = p_session AND m.turn_index > after_index AND m.turn_index < p_before_index AND m.is_in_history
    ) AS said_row));
END $$;
--> statement-breakpoint
-- How much a new turn would find: the most tokens of summary, pinned and uncovered messages, and the uncovered ones by the estimate. Beyond
-- the most that any model can read, or that a step is given, nothing is counted.
CREATE OR REPLACE FUNCTION pantheon_measure_history(p_session uuid, p_most int, p_recent_turns int) RETURNS jsonb
LANGUAGE plpgsql STABLE SET enable_sort = off SET enable_bitmapscan = off SET enable_seqscan = off AS $$
DECLARE
  said record;
  summary session_summaries%ROWTYPE;
  covered int;
  bound bigint;
  uncovered bigint := 0;
  uncovered_turns int := 0;
  uncovered_messages int := 0;
  longest int := 0;
  turns_read int := 0;
  of_index int;
BEGIN
  SELECT * INTO summary FROM session_summaries s WHERE s.session_id = p_session ORDER BY s.version DESC LIMIT 1;
  covered := coalesce(summary.through_turn_index, 0);
  bound := coalesce(summary.bound_tokens, 0);
  FOR said IN SELECT m.turn_index, m.tokens, m.bound_tokens FROM messages m WHERE m.session_id = p_session AND m.is_in_history
    ORDER BY m.turn_index DESC, m.position DESC
  LOOP
    IF said.turn_index IS DISTINCT FROM of_index THEN
      EXIT WHEN turns_read >= p_recent_turns AND (said.turn_index <= covered OR uncovered >= p_most OR uncovered_messages > 4000);
      of_index := said.turn_index;
      turns_read := turns_read + 1;
      uncovered_turns := uncovered_turns + (said.turn_index > covered)::int;
    END IF;
    bound := bound + said.bound_tokens;
    IF said.turn_index > covered THEN
      uncovered := uncovered + said.tokens;
      uncovered_messages := uncovered_messages + 1;
      longest := greatest(longest, said.bound_tokens);
    END IF;
  END LOOP;
  SELECT bound + coalesce(sum(m.bound_tokens), 0) INTO bound FROM messages m
    WHERE m.session_id = p_session AND m.is_pinned AND m.is_in_history AND m.turn_index < of_index;
  RETURN jsonb_build_object('boundTokens', least(bound, 1000000000), 'unsummarisedTokens', least(uncovered, 1000000000), 'unsummarisedTurns', uncovered_turns,
    'unsummarisedMessages', uncovered_messages, 'longestBoundTokens', longest);
END $$;
--> statement-breakpoint
-- Of the open entries of each kind, the user's and the agents' apart, and of the pinned ones, the first and the last 64: a summary holds no more,
-- however long the session is. In the order in which they were made.
CREATE FUNCTION pantheon_open_entries(p_session uuid) RETURNS jsonb LANGUAGE sql STABLE SET enable_sort = off SET enable_bitmapscan = off SET enable_seqscan = off AS $$
  SELECT coalesce(jsonb_agg(jsonb_build_object('id', e.id, 'kind', e.kind, 'text', e.text, 'status', e.status, 'author_key', e.author_key,
    'source_message_ids', e.source_message_ids, 'is_pinned', e.is_pinned, 'order', e.place) ORDER BY e.place), '[]')
  FROM (SELECT d.*, row_number() OVER (ORDER BY d.id) AS place FROM (SELECT DISTINCT ON (r.id) r.* FROM (
    SELECT ends.* FROM (VALUES ('decision'), ('question'), ('action'), ('fact')) AS k(kind) CROSS JOIN (VALUES (true), (false)) AS u(is_users)
      CROSS JOIN LATERAL (
        (SELECT o.* FROM register_entries o WHERE o.session_id = p_session AND o.kind = k.kind AND (o.author_key IS NULL) = u.is_users
          AND o.status = 'open' AND NOT o.is_pinned ORDER BY o.id LIMIT 64)
        UNION ALL
        (SELECT o.* FROM register_entries o WHERE o.session_id = p_session AND o.kind = k.kind AND (o.author_key IS NULL) = u.is_users
          AND o.status = 'open' AND NOT o.is_pinned ORDER BY o.id DESC LIMIT 64)) AS ends
    UNION ALL
    (SELECT o.* FROM register_entries o WHERE o.session_id = p_session AND o.status = 'open' AND o.is_pinned ORDER BY o.id LIMIT 64)
    UNION ALL
    (SELECT o.* FROM register_entries o WHERE o.session_id = p_session AND o.status = 'open' AND o.is_pinned ORDER BY o.id DESC LIMIT 64)
  ) AS r ORDER BY r.id) AS d) AS e
$$;
--> statement-breakpoint
-- For a session whose summary was written before it kept the counts.
CREATE FUNCTION pantheon_count_open(p_session uuid) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object('decision', count(*) FILTER (WHERE r.kind = 'decision'), 'question', count(*) FILTER (WHERE r.kind = 'question'),
    'action', count(*) FILTER (WHERE r.kind = 'action'), 'fact', count(*) FILTER (WHERE r.kind = 'fact'))
  FROM register_entries r WHERE r.session_id = p_session AND r.status = 'open'
$$;
--> statement-breakpoint
-- What a summary is made from, through the last turn before the first that is not over (one that another went ahead of has yet to say
-- its words): the one before it, what the register holds, and the messages after the place where that one stopped, as many
-- as a number of characters takes, with the 48 or more that each one's frame takes in a prompt.
CREATE OR REPLACE FUNCTION pantheon_to_summarise(p_session uuid, p_through int, p_characters int) RETURNS jsonb
LANGUAGE plpgsql STABLE SET enable_sort = off SET enable_bitmapscan = off SET enable_seqscan = off AS $$
DECLARE
  previous session_summaries%ROWTYPE;
  said record;
  from_index int;
  from_position int;
  through_index int := 0;
  through_position int := 0;
  left_over int := p_characters;
  has_more boolean := false;
  last_index int := least(p_through, (SELECT t.turn_index - 1 FROM turns t WHERE t.session_id = p_session AND t.is_active),
    (SELECT min(t.turn_index) - 1 FROM turns t WHERE t.session_id = p_session AND t.status = 'queued' AND NOT t.is_active AND t.turn_index > 0));
BEGIN
  SELECT * INTO previous FROM session_summaries s WHERE s.session_id = p_session ORDER BY s.version DESC LIMIT 1;
  from_index := coalesce((previous.cursor->>'turn_index')::int, previous.through_turn_index + 1, 1);
  from_position := coalesce((previous.cursor->>'position')::int, 0);
  FOR said IN SELECT m.turn_index, m.position, char_length(m.text) AS length FROM messages m
    WHERE m.session_id = p_session AND (m.turn_index, m.position) >= (from_index, from_position) AND m.turn_index <= last_index
      AND m.is_in_history AND m.private_to IS NULL
    ORDER BY m.turn_index, m.position
  LOOP
    IF left_over <= 0 THEN
      has_more := true;
      EXIT;
    END IF;
    left_over := left_over - 48 - said.length + CASE WHEN (said.turn_index, said.position) = (from_index, from_position)
      THEN coalesce((previous.cursor->>'offset')::int, 0) ELSE 0 END;
    through_index := said.turn_index;
    through_position := said.position;
  END LOOP;
  RETURN jsonb_build_object('previous', CASE WHEN previous.id IS NOT NULL THEN to_jsonb(previous) END, 'has_more', has_more,
    'through_turn_index', last_index, 'messages', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', m.id, 'turn_index', m.turn_index, 'position', m.position, 'author', m.author,
        'agent_key', m.agent_key, 'agent_name', m.agent_name, 'error_type', m.error_type, 'length', char_length(m.text), 'from_offset', skipped.by,
        'text', substr(m.text, skipped.by + 1, p_characters)) ORDER BY m.turn_index, m.position), '[]')
      FROM messages m CROSS JOIN LATERAL (SELECT CASE WHEN (m.turn_index, m.position) = (from_index, from_position)
        THEN coalesce((previous.cursor->>'offset')::int, 0) ELSE 0 END AS by) AS skipped
      WHERE m.session_id = p_session AND (m.turn_index, m.position) >= (from_index, from_position)
        AND (m.turn_index, m.position) <= (through_index, through_position) AND m.is_in_history AND m.private_to IS NULL),
    'entries', pantheon_open_entries(p_session), 'open_counts', coalesce(previous.open_counts, pantheon_count_open(p_session)));
END $$;
--> statement-breakpoint
-- The next version of a session's summary, with what it adds to the register. The caller holds the memory's lock and knows the version before.
CREATE OR REPLACE FUNCTION pantheon_write_summary(p_session uuid, p_step uuid, p jsonb) RETURNS void LANGUAGE sql AS $$
  INSERT INTO session_summaries (id, owner_id, session_id, version, step_id, through_turn_index, made_at_turn_index, cursor, text, items, rendered,
    tokens, token_class, is_fallback, open_counts, created_at)
  SELECT (p->>'id')::uuid, s.owner_id, s.id, (p->>'base_version')::int + 1, p_step, (p->>'through_turn_index')::int, (p->>'made_at_turn_index')::int,
    nullif(p->'cursor', 'null'::jsonb), p->>'text', p->'items', p->>'rendered', (p->>'tokens')::int, p->>'token_class', (p->>'is_fallback')::boolean, p->'open_counts', pantheon_now()
  FROM sessions s WHERE s.id = p_session;
  INSERT INTO register_entries (id, owner_id, room_id, session_id, kind, text, author_key, source_message_ids, is_pinned, created_at, updated_at)
  SELECT e.id, s.owner_id, s.room_id, s.id, e.kind, e.text, e.author_key, e.source_message_ids, coalesce(e.is_pinned, false), pantheon_now(), pantheon_now()
  FROM jsonb_to_recordset(p->'new_entries') AS e(id uuid, kind text, text text, author_key text, source_message_ids uuid[], is_pinned boolean)
    CROSS JOIN sessions s WHERE s.id = p_session;
  UPDATE register_entries r SET status = coalesce(c.status, r.status), is_pinned = coalesce(c.is_pinned, r.is_pinned),
    superseded_by = coalesce(c.superseded_by, r.superseded_by)
  FROM jsonb_to_recordset(p->'changes') AS c(id uuid, status text, is_pinned boolean, superseded_by uuid)
  WHERE r.id = c.id AND r.session_id = p_session;
$$;
