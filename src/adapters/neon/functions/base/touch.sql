-- A changed row says when it was changed.
CREATE OR REPLACE FUNCTION pantheon_touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.updated_at := pantheon_now();
  RETURN NEW;
END $$;
