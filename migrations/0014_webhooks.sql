CREATE TABLE "webhook_attempts" (
	"delivery_id" uuid NOT NULL,
	"number" integer NOT NULL,
	"owner_id" uuid NOT NULL,
	"outcome" text NOT NULL,
	"response_status" integer,
	"latency_ms" integer,
	"excerpt" text,
	"reason" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "webhook_attempts_pkey" PRIMARY KEY("delivery_id","number"),
	CONSTRAINT "webhook_attempts_outcome_known" CHECK ("webhook_attempts"."outcome" in ('answered', 'refused', 'failed')),
	CONSTRAINT "webhook_attempts_answered_with" CHECK (("webhook_attempts"."outcome" = 'answered') = ("webhook_attempts"."response_status" is not null)),
	CONSTRAINT "webhook_attempts_or_reason" CHECK (("webhook_attempts"."outcome" = 'answered') = ("webhook_attempts"."reason" is null))
);
--> statement-breakpoint
CREATE TABLE "webhook_deliveries" (
	"id" uuid PRIMARY KEY NOT NULL,
	"owner_id" uuid NOT NULL,
	"endpoint_id" uuid NOT NULL,
	"turn_id" uuid,
	"seq" integer,
	"type" text NOT NULL,
	"data" jsonb,
	"status" text DEFAULT 'pending' NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"next_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"finished_at" timestamp with time zone,
	CONSTRAINT "webhook_deliveries_id_owner_unique" UNIQUE("id","owner_id"),
	CONSTRAINT "webhook_deliveries_status_known" CHECK ("webhook_deliveries"."status" in ('pending', 'succeeded', 'failed')),
	CONSTRAINT "webhook_deliveries_pending_is_due" CHECK (("webhook_deliveries"."status" = 'pending') = ("webhook_deliveries"."next_at" is not null)),
	CONSTRAINT "webhook_deliveries_over_at_a_time" CHECK (("webhook_deliveries"."status" = 'pending') = ("webhook_deliveries"."finished_at" is null)),
	CONSTRAINT "webhook_deliveries_of_a_line" CHECK (("webhook_deliveries"."turn_id" is null) = ("webhook_deliveries"."seq" is null)),
	CONSTRAINT "webhook_deliveries_have_data" CHECK (("webhook_deliveries"."turn_id" is null) = ("webhook_deliveries"."data" is not null))
);
--> statement-breakpoint
CREATE TABLE "webhook_endpoints" (
	"id" uuid PRIMARY KEY NOT NULL,
	"owner_id" uuid NOT NULL,
	"url" text NOT NULL,
	"events" text[] NOT NULL,
	"description" text NOT NULL,
	"secret" text,
	"previous_secret" text,
	"previous_secret_expires_at" timestamp with time zone,
	"status" text DEFAULT 'active' NOT NULL,
	"disabled_reason" text,
	"failing_since" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"deleted_at" timestamp with time zone,
	CONSTRAINT "webhook_endpoints_id_owner_unique" UNIQUE("id","owner_id"),
	CONSTRAINT "webhook_endpoints_status_known" CHECK ("webhook_endpoints"."status" in ('active', 'disabled')),
	CONSTRAINT "webhook_endpoints_disabled_for_a_reason" CHECK (("webhook_endpoints"."status" = 'disabled') = ("webhook_endpoints"."disabled_reason" is not null)),
	CONSTRAINT "webhook_endpoints_reason_known" CHECK ("webhook_endpoints"."disabled_reason" in ('user', 'gone', 'failing')),
	CONSTRAINT "webhook_endpoints_live_can_sign" CHECK (("webhook_endpoints"."deleted_at" is null) = ("webhook_endpoints"."secret" is not null))
);
--> statement-breakpoint
ALTER TABLE "webhook_attempts" ADD CONSTRAINT "webhook_attempts_delivery_owner" FOREIGN KEY ("delivery_id","owner_id") REFERENCES "public"."webhook_deliveries"("id","owner_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "webhook_deliveries" ADD CONSTRAINT "webhook_deliveries_endpoint_owner" FOREIGN KEY ("endpoint_id","owner_id") REFERENCES "public"."webhook_endpoints"("id","owner_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "webhook_deliveries" ADD CONSTRAINT "webhook_deliveries_turn_owner" FOREIGN KEY ("turn_id","owner_id") REFERENCES "public"."turns"("id","owner_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "webhook_endpoints" ADD CONSTRAINT "webhook_endpoints_owner_id_users_id_fk" FOREIGN KEY ("owner_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "webhook_deliveries_once" ON "webhook_deliveries" USING btree ("endpoint_id","turn_id","seq");--> statement-breakpoint
CREATE INDEX "webhook_deliveries_owner" ON "webhook_deliveries" USING btree ("owner_id","id");--> statement-breakpoint
CREATE INDEX "webhook_deliveries_endpoint" ON "webhook_deliveries" USING btree ("endpoint_id","id");--> statement-breakpoint
CREATE INDEX "webhook_deliveries_turn" ON "webhook_deliveries" USING btree ("turn_id");--> statement-breakpoint
CREATE INDEX "webhook_deliveries_due" ON "webhook_deliveries" USING btree ("next_at") WHERE status = 'pending';--> statement-breakpoint
CREATE INDEX "webhook_endpoints_owner_live" ON "webhook_endpoints" USING btree ("owner_id","id") WHERE deleted_at is null;
--> statement-breakpoint
CALL pantheon_protect('webhook_endpoints', 'owner_id', 'INSERT, UPDATE');
--> statement-breakpoint
CALL pantheon_protect('webhook_deliveries', 'owner_id', 'SELECT, INSERT, UPDATE');
--> statement-breakpoint
CALL pantheon_protect('webhook_attempts', 'owner_id', 'SELECT');
--> statement-breakpoint
-- All but the secrets: a request of a user can put one in, and no query of it can bring one back.
GRANT SELECT (id, owner_id, url, events, description, previous_secret_expires_at, status, disabled_reason, failing_since,
  created_at, updated_at, deleted_at) ON webhook_endpoints TO pantheon_app;
--> statement-breakpoint
-- A rotation keeps the secret that it replaces, which who rotates cannot read; a removal keeps none.
CREATE FUNCTION pantheon_keep_previous_secret() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.previous_secret := CASE WHEN NEW.secret IS NULL THEN NULL ELSE OLD.secret END;
  IF NEW.previous_secret IS NULL THEN NEW.previous_secret_expires_at := NULL; END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER keep_previous_secret BEFORE UPDATE OF secret ON webhook_endpoints
  FOR EACH ROW EXECUTE FUNCTION pantheon_keep_previous_secret();
