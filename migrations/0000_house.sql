CREATE TABLE "accounts" (
	"owner_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"balance_units" bigint DEFAULT 0 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "accounts_pkey" PRIMARY KEY("owner_id","kind"),
	CONSTRAINT "accounts_kind_known" CHECK ("accounts"."kind" in ('wallet', 'held', 'revenue', 'granted', 'waste', 'variance')),
	CONSTRAINT "accounts_user_money_never_negative" CHECK ("accounts"."kind" not in ('wallet', 'held') or "accounts"."balance_units" >= 0)
);
--> statement-breakpoint
CREATE TABLE "api_keys" (
	"id" uuid PRIMARY KEY NOT NULL,
	"owner_id" uuid NOT NULL,
	"name" text NOT NULL,
	"short" text NOT NULL,
	"secret_hash" text NOT NULL,
	"scopes" text[] NOT NULL,
	"expires_at" timestamp with time zone,
	"revoked_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "api_keys_scopes_some" CHECK (cardinality("api_keys"."scopes") > 0)
);
--> statement-breakpoint
CREATE TABLE "idempotency_keys" (
	"owner_id" uuid NOT NULL,
	"key" text NOT NULL,
	"fingerprint" text NOT NULL,
	"status" integer NOT NULL,
	"headers" jsonb NOT NULL,
	"body" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	CONSTRAINT "idempotency_keys_pkey" PRIMARY KEY("owner_id","key")
);
--> statement-breakpoint
CREATE TABLE "ledger_entries" (
	"operation_key" text NOT NULL,
	"owner_id" uuid NOT NULL,
	"account_kind" text NOT NULL,
	"reason" text NOT NULL,
	"amount_units" bigint NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "ledger_entries_pkey" PRIMARY KEY("operation_key","owner_id","account_kind"),
	CONSTRAINT "ledger_entries_move_something" CHECK ("ledger_entries"."amount_units" <> 0)
);
--> statement-breakpoint
CREATE TABLE "users" (
	"id" uuid PRIMARY KEY NOT NULL,
	"email" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "model_prices" (
	"pricing_version" text NOT NULL,
	"alias" text NOT NULL,
	"provider_model" text NOT NULL,
	"context_limit" integer NOT NULL,
	"multiplier_milli" integer NOT NULL,
	"input_micro_usd_per_million" bigint NOT NULL,
	"cached_micro_usd_per_million" bigint NOT NULL,
	"output_micro_usd_per_million" bigint NOT NULL,
	CONSTRAINT "model_prices_pkey" PRIMARY KEY("pricing_version","alias"),
	CONSTRAINT "model_prices_multiplier_positive" CHECK ("model_prices"."multiplier_milli" > 0),
	CONSTRAINT "model_prices_context_positive" CHECK ("model_prices"."context_limit" >= 2048)
);
--> statement-breakpoint
CREATE TABLE "pricing_versions" (
	"id" text PRIMARY KEY NOT NULL,
	"effective_at" timestamp with time zone NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "room_agents" (
	"id" uuid PRIMARY KEY NOT NULL,
	"owner_id" uuid NOT NULL,
	"room_id" uuid NOT NULL,
	"agent_key" text NOT NULL,
	"name" text NOT NULL,
	"model_alias" text NOT NULL,
	"role_prompt" text NOT NULL,
	"position" integer NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"deleted_at" timestamp with time zone,
	CONSTRAINT "room_agents_position_not_negative" CHECK ("room_agents"."position" >= 0)
);
--> statement-breakpoint
CREATE TABLE "rooms" (
	"id" uuid PRIMARY KEY NOT NULL,
	"owner_id" uuid NOT NULL,
	"name" text NOT NULL,
	"goal" text NOT NULL,
	"mode" text NOT NULL,
	"budget_units" bigint,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"deleted_at" timestamp with time zone,
	CONSTRAINT "rooms_id_owner_unique" UNIQUE("id","owner_id"),
	CONSTRAINT "rooms_name_length" CHECK (char_length("rooms"."name") between 1 and 200),
	CONSTRAINT "rooms_budget_not_negative" CHECK ("rooms"."budget_units" >= 0)
);
--> statement-breakpoint
CREATE TABLE "sessions" (
	"id" uuid PRIMARY KEY NOT NULL,
	"owner_id" uuid NOT NULL,
	"room_id" uuid NOT NULL,
	"title" text NOT NULL,
	"budget_units" bigint,
	"turn_count" integer DEFAULT 0 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"deleted_at" timestamp with time zone,
	CONSTRAINT "sessions_id_owner_unique" UNIQUE("id","owner_id"),
	CONSTRAINT "sessions_budget_not_negative" CHECK ("sessions"."budget_units" >= 0)
);
--> statement-breakpoint
ALTER TABLE "accounts" ADD CONSTRAINT "accounts_owner_id_users_id_fk" FOREIGN KEY ("owner_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_owner_id_users_id_fk" FOREIGN KEY ("owner_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "idempotency_keys" ADD CONSTRAINT "idempotency_keys_owner_id_users_id_fk" FOREIGN KEY ("owner_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "ledger_entries" ADD CONSTRAINT "ledger_entries_account" FOREIGN KEY ("owner_id","account_kind") REFERENCES "public"."accounts"("owner_id","kind") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "model_prices" ADD CONSTRAINT "model_prices_pricing_version_pricing_versions_id_fk" FOREIGN KEY ("pricing_version") REFERENCES "public"."pricing_versions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "room_agents" ADD CONSTRAINT "room_agents_room" FOREIGN KEY ("room_id","owner_id") REFERENCES "public"."rooms"("id","owner_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rooms" ADD CONSTRAINT "rooms_owner_id_users_id_fk" FOREIGN KEY ("owner_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_room" FOREIGN KEY ("room_id","owner_id") REFERENCES "public"."rooms"("id","owner_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "api_keys_short_unique" ON "api_keys" USING btree ("short");--> statement-breakpoint
CREATE INDEX "api_keys_owner" ON "api_keys" USING btree ("owner_id","id");--> statement-breakpoint
CREATE INDEX "idempotency_keys_expiry" ON "idempotency_keys" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "ledger_entries_owner" ON "ledger_entries" USING btree ("owner_id","created_at");--> statement-breakpoint
CREATE UNIQUE INDEX "room_agents_key_unique" ON "room_agents" USING btree ("room_id",lower(agent_key)) WHERE deleted_at is null;--> statement-breakpoint
CREATE UNIQUE INDEX "room_agents_position_unique" ON "room_agents" USING btree ("room_id","position") WHERE deleted_at is null;--> statement-breakpoint
CREATE INDEX "rooms_owner_live" ON "rooms" USING btree ("owner_id","id") WHERE deleted_at is null;--> statement-breakpoint
CREATE INDEX "sessions_room_live" ON "sessions" USING btree ("room_id","id") WHERE deleted_at is null;