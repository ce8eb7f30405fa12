-- A rotation keeps the secret that it replaces, which who rotates cannot read; a removal keeps none.
CREATE OR REPLACE FUNCTION pantheon_keep_previous_secret() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.previous_secret := CASE WHEN NEW.secret IS NULL THEN NULL ELSE OLD.secret END;
  IF NEW.previous_secret IS NULL THEN NEW.previous_secret_expires_at := NULL; END IF;
  RETURN NEW;
END $$;
