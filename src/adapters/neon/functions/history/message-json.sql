-- A message in a window carries these fields and no others.
CREATE OR REPLACE FUNCTION pantheon_message_json(m messages) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT jsonb_build_object('id', m.id, 'turn_index', m.turn_index, 'position', m.position, 'author', m.author,
    'agent_key', m.agent_key, 'agent_name', m.agent_name, 'error_type', m.error_type, 'text', m.text,
    'tokens', m.tokens, 'token_class', m.token_class, 'is_pinned', m.is_pinned, 'private_to', m.private_to,
    'group_id', m.group_id)
$$;
