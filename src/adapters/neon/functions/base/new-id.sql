-- Rows that a statement makes of its own get a UUIDv7 of the database's clock.
CREATE OR REPLACE FUNCTION pantheon_new_id() RETURNS uuid LANGUAGE sql VOLATILE AS $$
  SELECT encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid())
    PLACING substring(int8send(floor(extract(epoch FROM pantheon_now()) * 1000)::bigint) FROM 3) FROM 1 FOR 6), 52, 1),
      53, 1), 'hex')::uuid
$$;
