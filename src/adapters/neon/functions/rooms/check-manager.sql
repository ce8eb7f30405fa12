-- A room's manager has a price: without one it could never be called.
CREATE OR REPLACE FUNCTION pantheon_check_manager() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.manager_model_alias IS NOT NULL AND NOT EXISTS (SELECT 1 FROM current_model_prices p
    WHERE p.alias = NEW.manager_model_alias) THEN
    RAISE EXCEPTION 'the model of the manager has no price'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'rooms_manager_priced';
  END IF;
  RETURN NEW;
END $$;
