-- The transaction's user is the one that authentication has set; null: none.
CREATE OR REPLACE FUNCTION pantheon_user_id() RETURNS uuid LANGUAGE sql STABLE
AS $$ SELECT nullif(current_setting('app.user_id', true), '')::uuid $$;
