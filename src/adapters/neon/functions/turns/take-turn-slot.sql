-- A user's turns are counted exactly, because the row is locked; a turn beyond a limit is not counted.
CREATE OR REPLACE FUNCTION pantheon_take_turn_slot(p_per_minute int, p_per_hour int) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
  rate turn_rates%ROWTYPE;
  now_at timestamptz := pantheon_now();
  is_free boolean;
BEGIN
  INSERT INTO turn_rates (owner_id, minute_started_at, minute_count, hour_started_at, hour_count)
    VALUES (pantheon_user_id(), now_at, 0, now_at, 0) ON CONFLICT DO NOTHING;
  SELECT * INTO rate FROM turn_rates WHERE owner_id = pantheon_user_id() FOR NO KEY UPDATE;
  IF rate.minute_started_at <= now_at - interval '1 minute' THEN
    rate.minute_started_at := now_at; rate.minute_count := 0;
  END IF;
  IF rate.hour_started_at <= now_at - interval '1 hour' THEN
    rate.hour_started_at := now_at; rate.hour_count := 0;
  END IF;
  is_free := rate.minute_count < p_per_minute AND rate.hour_count < p_per_hour;
  IF is_free THEN
    UPDATE turn_rates SET minute_started_at = rate.minute_started_at, minute_count = rate.minute_count + 1,
      hour_started_at = rate.hour_started_at, hour_count = rate.hour_count + 1
    WHERE owner_id = pantheon_user_id() RETURNING * INTO rate;
  END IF;
  RETURN jsonb_build_object('is_free', is_free,
    'minute_count', rate.minute_count, 'minute_resets_in',
    ceil(extract(epoch FROM rate.minute_started_at + interval '1 minute' - now_at)), 'hour_count', rate.hour_count,
    'hour_resets_in', ceil(extract(epoch FROM rate.hour_started_at + interval '1 hour' - now_at)));
END $$;
