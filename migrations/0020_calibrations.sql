CREATE TABLE "token_calibrations" (
	"provider_model" text PRIMARY KEY NOT NULL,
	"ratios" jsonb NOT NULL,
	"covariance" jsonb NOT NULL,
	"observed_at" timestamp with time zone NOT NULL,
	"observed_id" uuid NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE INDEX "llm_call_events_counted" ON "llm_call_events" USING btree ("created_at","id") WHERE status = 'ok' and not is_estimated and ordinal = 0;
--> statement-breakpoint
-- What is learnt of a model belongs to no tenant: everyone reads, only the system writes.
ALTER TABLE token_calibrations ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE token_calibrations FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
CREATE POLICY readable ON token_calibrations FOR SELECT TO pantheon_app, pantheon_system USING (true);
--> statement-breakpoint
CREATE POLICY added ON token_calibrations FOR INSERT TO pantheon_system WITH CHECK (true);
--> statement-breakpoint
CREATE POLICY changed ON token_calibrations FOR UPDATE TO pantheon_system USING (true);
--> statement-breakpoint
GRANT SELECT ON token_calibrations TO pantheon_app, pantheon_system;
--> statement-breakpoint
GRANT INSERT, UPDATE ON token_calibrations TO pantheon_system;
--> statement-breakpoint
CREATE TRIGGER touch BEFORE UPDATE ON token_calibrations FOR EACH ROW EXECUTE FUNCTION pantheon_touch();
