-- Two roles that nobody logs in as: requests of users run as pantheon_app, steps and sweeps as pantheon_system.
DO $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'pantheon_app') THEN CREATE ROLE pantheon_app NOLOGIN; END IF;
  IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'pantheon_system') THEN
    CREATE ROLE pantheon_system NOLOGIN;
  END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; -- another database of this server migrates at this moment
END $$;
--> statement-breakpoint
-- SET only, where the server knows the difference: a forgotten role switch then sees nothing rather than everything.
DO $$
BEGIN
  IF current_setting('server_version_num')::int >= 160000 THEN
    EXECUTE 'GRANT pantheon_app, pantheon_system TO CURRENT_USER WITH INHERIT FALSE, SET TRUE';
  ELSE
    GRANT pantheon_app, pantheon_system TO CURRENT_USER;
  END IF;
END $$;
--> statement-breakpoint
GRANT USAGE ON SCHEMA public TO pantheon_app, pantheon_system;
--> statement-breakpoint
CREATE TABLE "token_calibrations" (
	"provider_model" text PRIMARY KEY NOT NULL,
	"ratios" jsonb NOT NULL,
	"covariance" jsonb NOT NULL,
	"observed_at" timestamp with time zone NOT NULL,
	"observed_id" uuid NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "messages" (
	"id" uuid PRIMARY KEY NOT NULL,
	"owner_id" uuid NOT NULL,
	"session_id" uuid NOT NULL,
	"turn_id" uuid NOT NULL,
	"turn_index" integer NOT NULL,
	"position" integer NOT NULL,
	"author" text NOT NULL,
	"agent_key" text,
	"agent_name" text,
	"error_type" text,
	"text" text NOT NULL,
	"tokens" integer NOT NULL,
	"token_class" text,
	"private_to" text,
	"group_id" uuid,
	"bound_tokens" integer GENERATED ALWAYS AS (octet_length(replace(replace(text, '&', '&amp;'), '<', '&lt;')) + 6 * octet_length(coalesce(agent_name, ''))
          + octet_length(coalesce(agent_key, '')) + 6 * octet_length(coalesce(error_type, '')) + 64) STORED NOT NULL,
	"is_pinned" boolean DEFAULT false NOT NULL,
	"is_in_history" boolean DEFAULT true NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "messages_position_unique" UNIQUE("turn_id","position"),
	CONSTRAINT "messages_author_known" CHECK ("messages"."author" in ('user', 'agent', 'failed_agent'))
);
--> statement-breakpoint
CREATE TABLE "turn_context_audit" (
	"id" uuid PRIMARY KEY NOT NULL,
	"owner_id" uuid NOT NULL,
	"turn_id" uuid NOT NULL,
	"step_index" integer NOT NULL,
	"agent_key" text NOT NULL,
	"attempt" integer NOT NULL,
	"audit" jsonb NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "turn_context_audit_once" UNIQUE("turn_id","step_index","attempt")
);
--> statement-breakpoint
CREATE TABLE "turn_events" (
	"turn_id" uuid NOT NULL,
	"seq" integer NOT NULL,
	"owner_id" uuid NOT NULL,
	"type" text NOT NULL,
	"data" jsonb NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "turn_events_pkey" PRIMARY KEY("turn_id","seq")
);
--> statement-breakpoint
CREATE TABLE "llm_call_events" (
	"id" uuid PRIMARY KEY NOT NULL,
	"owner_id" uuid NOT NULL,
	"room_id" uuid NOT NULL,
	"session_id" uuid NOT NULL,
	"turn_id" uuid NOT NULL,
	"step_id" uuid NOT NULL,
	"attempt" integer NOT NULL,
	"ordinal" integer NOT NULL,
	"agent_key" text NOT NULL,
	"purpose" text NOT NULL,
	"provider" text NOT NULL,
	"model_alias" text NOT NULL,
	"provider_model" text NOT NULL,
	"request_id" text,
	"generation_id" text,
	"fresh_tokens" bigint NOT NULL,
	"cached_tokens" bigint NOT NULL,
	"output_tokens" bigint NOT NULL,
	"cache_write_tokens" bigint NOT NULL,
	"reasoning_tokens" bigint NOT NULL,
	"oe_hundredths" bigint NOT NULL,
	"multiplier_milli" integer NOT NULL,
	"pricing_version" text NOT NULL,
	"credit_units" bigint NOT NULL,
	"charged_units" bigint DEFAULT 0 NOT NULL,
	"cost_usd_pico" bigint,
	"latency_ms" integer,
	"status" text NOT NULL,
	"http_status" integer,
	"finish_reason" text,
	"is_estimated" boolean NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "llm_call_events_once" UNIQUE("step_id","attempt","ordinal"),
	CONSTRAINT "llm_call_events_charged_within" CHECK ("llm_call_events"."charged_units" between 0 and "llm_call_events"."credit_units"),
	CONSTRAINT "llm_call_events_status_known" CHECK ("llm_call_events"."status" in ('ok', 'failed', 'aborted', 'lost'))
);
--> statement-breakpoint
CREATE TABLE "outbox" (
	"kind" text NOT NULL,
	"target_id" uuid NOT NULL,
	"turn_id" uuid,
	"owner_id" uuid NOT NULL,
	"generation" integer NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"delay_seconds" integer DEFAULT 0 NOT NULL,
	"next_at" timestamp with time zone NOT NULL,
	"made_in" bigint NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "outbox_pkey" PRIMARY KEY("kind","target_id")
);
--> statement-breakpoint
CREATE TABLE "turn_rates" (
	"owner_id" uuid PRIMARY KEY NOT NULL,
	"minute_started_at" timestamp with time zone NOT NULL,
	"minute_count" integer NOT NULL,
	"hour_started_at" timestamp with time zone NOT NULL,
	"hour_count" integer NOT NULL
);
--> statement-breakpoint
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
	"turn_id" uuid,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "ledger_entries_pkey" PRIMARY KEY("operation_key","owner_id","account_kind"),
	CONSTRAINT "ledger_entries_move_something" CHECK ("ledger_entries"."amount_units" <> 0)
);
--> statement-breakpoint
CREATE TABLE "users" (
	"id" uuid PRIMARY KEY NOT NULL,
	"email" text,
	"is_grant_due" boolean DEFAULT false NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "register_entries" (
	"id" uuid PRIMARY KEY NOT NULL,
	"owner_id" uuid NOT NULL,
	"room_id" uuid NOT NULL,
	"session_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"text" text NOT NULL,
	"status" text DEFAULT 'open' NOT NULL,
	"author_key" text,
	"source_message_ids" uuid[] NOT NULL,
	"is_pinned" boolean DEFAULT false NOT NULL,
	"superseded_by" uuid,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "register_entries_kind_known" CHECK ("register_entries"."kind" in ('fact', 'decision', 'question', 'action')),
	CONSTRAINT "register_entries_status_known" CHECK ("register_entries"."status" in ('open', 'done', 'superseded'))
);
--> statement-breakpoint
CREATE TABLE "session_summaries" (
	"id" uuid PRIMARY KEY NOT NULL,
	"owner_id" uuid NOT NULL,
	"session_id" uuid NOT NULL,
	"version" integer NOT NULL,
	"step_id" uuid,
	"through_turn_index" integer NOT NULL,
	"made_at_turn_index" integer NOT NULL,
	"cursor" jsonb,
	"text" text NOT NULL,
	"items" jsonb NOT NULL,
	"rendered" text NOT NULL,
	"tokens" integer NOT NULL,
	"token_class" text,
	"bound_tokens" integer GENERATED ALWAYS AS (octet_length(replace(replace(rendered, '&', '&amp;'), '<', '&lt;')) + 64) STORED NOT NULL,
	"is_fallback" boolean NOT NULL,
	"open_counts" jsonb,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "session_summaries_version" UNIQUE("session_id","version"),
	CONSTRAINT "session_summaries_version_positive" CHECK ("session_summaries"."version" >= 1)
);
--> statement-breakpoint
CREATE TABLE "budget_counters" (
	"owner_id" uuid NOT NULL,
	"scope" text NOT NULL,
	"scope_key" text NOT NULL,
	"held_units" bigint DEFAULT 0 NOT NULL,
	"spent_units" bigint DEFAULT 0 NOT NULL,
	CONSTRAINT "budget_counters_pkey" PRIMARY KEY("owner_id","scope","scope_key"),
	CONSTRAINT "budget_counters_scope_known" CHECK ("budget_counters"."scope" in ('day', 'month', 'room', 'session', 'turn')),
	CONSTRAINT "budget_counters_not_negative" CHECK ("budget_counters"."held_units" >= 0 and "budget_counters"."spent_units" >= 0)
);
--> statement-breakpoint
CREATE TABLE "grants" (
	"id" uuid PRIMARY KEY NOT NULL,
	"owner_id" uuid NOT NULL,
	"granted_by" uuid NOT NULL,
	"reason" text NOT NULL,
	"units" bigint NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "grants_within_bounds" CHECK ("grants"."units" between 1 and 10000000000000)
);
--> statement-breakpoint
CREATE TABLE "holds" (
	"step_id" uuid PRIMARY KEY NOT NULL,
	"owner_id" uuid NOT NULL,
	"turn_id" uuid NOT NULL,
	"units" bigint NOT NULL,
	"charged_units" bigint DEFAULT 0 NOT NULL,
	"is_open" boolean DEFAULT true NOT NULL,
	"held_on" date NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"closed_at" timestamp with time zone,
	CONSTRAINT "holds_never_overcharged" CHECK ("holds"."charged_units" between 0 and "holds"."units")
);
--> statement-breakpoint
CREATE TABLE "user_budgets" (
	"owner_id" uuid PRIMARY KEY NOT NULL,
	"per_day_units" bigint,
	"per_month_units" bigint,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "user_budgets_not_negative" CHECK ("user_budgets"."per_day_units" >= 0 and "user_budgets"."per_month_units" >= 0)
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
	"tools" text[] DEFAULT '{}' NOT NULL,
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
	"manager_model_alias" text,
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
CREATE TABLE "tool_calls" (
	"id" uuid PRIMARY KEY NOT NULL,
	"owner_id" uuid NOT NULL,
	"turn_id" uuid NOT NULL,
	"step_id" uuid NOT NULL,
	"attempt" integer NOT NULL,
	"ordinal" integer NOT NULL,
	"agent_key" text NOT NULL,
	"call_id" text NOT NULL,
	"name" text NOT NULL,
	"arguments" text NOT NULL,
	"status" text NOT NULL,
	"result_bytes" integer NOT NULL,
	"latency_ms" integer NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "tool_calls_once" UNIQUE("step_id","attempt","ordinal"),
	CONSTRAINT "tool_calls_status_known" CHECK ("tool_calls"."status" in ('ok', 'refused', 'failed', 'denied'))
);
--> statement-breakpoint
CREATE TABLE "tool_servers" (
	"id" uuid PRIMARY KEY NOT NULL,
	"owner_id" uuid NOT NULL,
	"room_id" uuid NOT NULL,
	"name" text NOT NULL,
	"url" text NOT NULL,
	"authorization" text,
	"has_authorization" boolean GENERATED ALWAYS AS ("authorization" is not null) STORED NOT NULL,
	"requires_approval" boolean NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"deleted_at" timestamp with time zone,
	CONSTRAINT "tool_servers_gone_open_nothing" CHECK ("tool_servers"."deleted_at" is null or "tool_servers"."authorization" is null)
);
--> statement-breakpoint
CREATE TABLE "turn_steps" (
	"id" uuid PRIMARY KEY NOT NULL,
	"owner_id" uuid NOT NULL,
	"turn_id" uuid NOT NULL,
	"step_index" integer NOT NULL,
	"purpose" text NOT NULL,
	"agent_key" text NOT NULL,
	"round" integer NOT NULL,
	"status" text NOT NULL,
	"waiting_on" integer NOT NULL,
	"unblocks" integer[] NOT NULL,
	"sees" integer[] NOT NULL,
	"instruction" text,
	"result" jsonb,
	"window_tokens" integer NOT NULL,
	"prompt_bound" integer,
	"hold_units" bigint DEFAULT 0 NOT NULL,
	"token" integer DEFAULT 0 NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"lost_attempts" integer DEFAULT 0 NOT NULL,
	"waited_seconds" integer DEFAULT 0 NOT NULL,
	"lease_until" timestamp with time zone,
	"not_before" timestamp with time zone,
	"checkpoint" text,
	"approvals" jsonb,
	"error" jsonb,
	"flags" text[] DEFAULT '{}' NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"started_at" timestamp with time zone,
	"finished_at" timestamp with time zone,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "turn_steps_index_unique" UNIQUE("turn_id","step_index"),
	CONSTRAINT "turn_steps_status_known" CHECK ("turn_steps"."status" in ('waiting', 'ready', 'running', 'awaiting', 'done', 'failed', 'cancelled')),
	CONSTRAINT "turn_steps_waiting_not_negative" CHECK ("turn_steps"."waiting_on" >= 0),
	CONSTRAINT "turn_steps_running_has_lease" CHECK ("turn_steps"."status" <> 'running' or "turn_steps"."lease_until" is not null)
);
--> statement-breakpoint
CREATE TABLE "turns" (
	"id" uuid PRIMARY KEY NOT NULL,
	"owner_id" uuid NOT NULL,
	"room_id" uuid NOT NULL,
	"session_id" uuid NOT NULL,
	"turn_index" integer NOT NULL,
	"status" text NOT NULL,
	"is_active" boolean NOT NULL,
	"mode" text NOT NULL,
	"rounds" integer NOT NULL,
	"plan" jsonb NOT NULL,
	"metadata" jsonb NOT NULL,
	"budget_units" bigint,
	"callback_url" text,
	"callback_endpoint_id" uuid,
	"pause" jsonb,
	"error" jsonb,
	"pending_steps" integer NOT NULL,
	"total_steps" integer NOT NULL,
	"failed_steps" integer DEFAULT 0 NOT NULL,
	"last_seq" integer DEFAULT 0 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"started_at" timestamp with time zone,
	"finished_at" timestamp with time zone,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "turns_id_owner_unique" UNIQUE("id","owner_id"),
	CONSTRAINT "turns_index_unique" UNIQUE("session_id","turn_index"),
	CONSTRAINT "turns_status_known" CHECK ("turns"."status" in ('queued', 'running', 'paused', 'completed', 'partial', 'failed', 'cancelled')),
	CONSTRAINT "turns_active_is_open" CHECK (not "turns"."is_active" or "turns"."status" in ('queued', 'running', 'paused')),
	CONSTRAINT "turns_budget_not_negative" CHECK ("turns"."budget_units" >= 0),
	CONSTRAINT "turns_paused_for_a_reason" CHECK (("turns"."status" = 'paused') = ("turns"."pause" is not null)),
	CONSTRAINT "turns_pending_not_negative" CHECK ("turns"."pending_steps" >= 0)
);
--> statement-breakpoint
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
	"earlier_attempts" integer DEFAULT 0 NOT NULL,
	"url" text,
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
ALTER TABLE "messages" ADD CONSTRAINT "messages_turn" FOREIGN KEY ("turn_id","owner_id") REFERENCES "public"."turns"("id","owner_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "turn_context_audit" ADD CONSTRAINT "turn_context_audit_turn" FOREIGN KEY ("turn_id","owner_id") REFERENCES "public"."turns"("id","owner_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "turn_events" ADD CONSTRAINT "turn_events_turn" FOREIGN KEY ("turn_id","owner_id") REFERENCES "public"."turns"("id","owner_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "llm_call_events" ADD CONSTRAINT "llm_call_events_turn_owner" FOREIGN KEY ("turn_id","owner_id") REFERENCES "public"."turns"("id","owner_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "turn_rates" ADD CONSTRAINT "turn_rates_owner_id_users_id_fk" FOREIGN KEY ("owner_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "accounts" ADD CONSTRAINT "accounts_owner_id_users_id_fk" FOREIGN KEY ("owner_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_owner_id_users_id_fk" FOREIGN KEY ("owner_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "idempotency_keys" ADD CONSTRAINT "idempotency_keys_owner_id_users_id_fk" FOREIGN KEY ("owner_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "ledger_entries" ADD CONSTRAINT "ledger_entries_account" FOREIGN KEY ("owner_id","account_kind") REFERENCES "public"."accounts"("owner_id","kind") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "register_entries" ADD CONSTRAINT "register_entries_session_owner" FOREIGN KEY ("session_id","owner_id") REFERENCES "public"."sessions"("id","owner_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "session_summaries" ADD CONSTRAINT "session_summaries_session" FOREIGN KEY ("session_id","owner_id") REFERENCES "public"."sessions"("id","owner_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "budget_counters" ADD CONSTRAINT "budget_counters_owner_id_users_id_fk" FOREIGN KEY ("owner_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "grants" ADD CONSTRAINT "grants_owner_id_users_id_fk" FOREIGN KEY ("owner_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "holds" ADD CONSTRAINT "holds_turn_owner" FOREIGN KEY ("turn_id","owner_id") REFERENCES "public"."turns"("id","owner_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "user_budgets" ADD CONSTRAINT "user_budgets_owner_id_users_id_fk" FOREIGN KEY ("owner_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "model_prices" ADD CONSTRAINT "model_prices_pricing_version_pricing_versions_id_fk" FOREIGN KEY ("pricing_version") REFERENCES "public"."pricing_versions"("id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "room_agents" ADD CONSTRAINT "room_agents_room" FOREIGN KEY ("room_id","owner_id") REFERENCES "public"."rooms"("id","owner_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "rooms" ADD CONSTRAINT "rooms_owner_id_users_id_fk" FOREIGN KEY ("owner_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_room" FOREIGN KEY ("room_id","owner_id") REFERENCES "public"."rooms"("id","owner_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "tool_calls" ADD CONSTRAINT "tool_calls_turn_owner" FOREIGN KEY ("turn_id","owner_id") REFERENCES "public"."turns"("id","owner_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "tool_servers" ADD CONSTRAINT "tool_servers_room" FOREIGN KEY ("room_id","owner_id") REFERENCES "public"."rooms"("id","owner_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "turn_steps" ADD CONSTRAINT "turn_steps_turn" FOREIGN KEY ("turn_id","owner_id") REFERENCES "public"."turns"("id","owner_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "turns" ADD CONSTRAINT "turns_session" FOREIGN KEY ("session_id","owner_id") REFERENCES "public"."sessions"("id","owner_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "webhook_attempts" ADD CONSTRAINT "webhook_attempts_delivery_owner" FOREIGN KEY ("delivery_id","owner_id") REFERENCES "public"."webhook_deliveries"("id","owner_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "webhook_deliveries" ADD CONSTRAINT "webhook_deliveries_endpoint_owner" FOREIGN KEY ("endpoint_id","owner_id") REFERENCES "public"."webhook_endpoints"("id","owner_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "webhook_deliveries" ADD CONSTRAINT "webhook_deliveries_turn_owner" FOREIGN KEY ("turn_id","owner_id") REFERENCES "public"."turns"("id","owner_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "webhook_endpoints" ADD CONSTRAINT "webhook_endpoints_owner_id_users_id_fk" FOREIGN KEY ("owner_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
CREATE INDEX "messages_history" ON "messages" USING btree ("session_id","turn_index","position");
--> statement-breakpoint
CREATE INDEX "messages_pinned" ON "messages" USING btree ("session_id","turn_index","position") WHERE is_pinned;
--> statement-breakpoint
CREATE INDEX "llm_call_events_turn" ON "llm_call_events" USING btree ("turn_id");
--> statement-breakpoint
CREATE INDEX "llm_call_events_owner" ON "llm_call_events" USING btree ("owner_id","created_at");
--> statement-breakpoint
CREATE INDEX "llm_call_events_time" ON "llm_call_events" USING brin ("created_at");
--> statement-breakpoint
CREATE INDEX "llm_call_events_counted" ON "llm_call_events" USING btree ("created_at","id") WHERE status = 'ok' and not is_estimated and ordinal = 0;
--> statement-breakpoint
CREATE INDEX "outbox_due" ON "outbox" USING btree ("kind","next_at");
--> statement-breakpoint
CREATE INDEX "outbox_turn" ON "outbox" USING btree ("turn_id");
--> statement-breakpoint
CREATE INDEX "outbox_made" ON "outbox" USING btree ("made_in");
--> statement-breakpoint
CREATE UNIQUE INDEX "api_keys_short_unique" ON "api_keys" USING btree ("short");
--> statement-breakpoint
CREATE INDEX "api_keys_owner" ON "api_keys" USING btree ("owner_id","id");
--> statement-breakpoint
CREATE INDEX "idempotency_keys_expiry" ON "idempotency_keys" USING btree ("expires_at");
--> statement-breakpoint
CREATE INDEX "ledger_entries_owner" ON "ledger_entries" USING btree ("owner_id","created_at");
--> statement-breakpoint
CREATE INDEX "ledger_entries_platform" ON "ledger_entries" USING btree ("created_at") WHERE account_kind in ('waste', 'variance');
--> statement-breakpoint
CREATE INDEX "register_entries_session" ON "register_entries" USING btree ("session_id","id");
--> statement-breakpoint
CREATE INDEX "register_entries_room" ON "register_entries" USING btree ("room_id","id");
--> statement-breakpoint
CREATE INDEX "register_entries_open" ON "register_entries" USING btree ("session_id","kind",("author_key" is null),"id") WHERE status = 'open' and not is_pinned;
--> statement-breakpoint
CREATE INDEX "register_entries_pinned" ON "register_entries" USING btree ("session_id","id") WHERE status = 'open' and is_pinned;
--> statement-breakpoint
CREATE INDEX "grants_owner" ON "grants" USING btree ("owner_id","created_at");
--> statement-breakpoint
CREATE INDEX "holds_turn" ON "holds" USING btree ("turn_id");
--> statement-breakpoint
CREATE INDEX "holds_open" ON "holds" USING btree ("owner_id") WHERE is_open;
--> statement-breakpoint
CREATE UNIQUE INDEX "room_agents_key_unique" ON "room_agents" USING btree ("room_id",lower(agent_key)) WHERE deleted_at is null;
--> statement-breakpoint
CREATE UNIQUE INDEX "room_agents_position_unique" ON "room_agents" USING btree ("room_id","position") WHERE deleted_at is null;
--> statement-breakpoint
CREATE INDEX "rooms_owner_live" ON "rooms" USING btree ("owner_id","id") WHERE deleted_at is null;
--> statement-breakpoint
CREATE INDEX "sessions_room_live" ON "sessions" USING btree ("room_id","id") WHERE deleted_at is null;
--> statement-breakpoint
CREATE INDEX "tool_calls_turn" ON "tool_calls" USING btree ("turn_id");
--> statement-breakpoint
CREATE UNIQUE INDEX "tool_servers_name_unique" ON "tool_servers" USING btree ("room_id",lower(name)) WHERE deleted_at is null;
--> statement-breakpoint
CREATE INDEX "turn_steps_leased" ON "turn_steps" USING btree ("lease_until") WHERE status = 'running';
--> statement-breakpoint
CREATE INDEX "turn_steps_unheard" ON "turn_steps" USING btree ("lease_until") WHERE status = 'cancelled' and lease_until is not null;
--> statement-breakpoint
CREATE UNIQUE INDEX "turns_one_active" ON "turns" USING btree ("session_id") WHERE is_active;
--> statement-breakpoint
CREATE INDEX "turns_waiting" ON "turns" USING btree ("session_id","turn_index") WHERE status = 'queued' and not is_active;
--> statement-breakpoint
CREATE UNIQUE INDEX "turns_one_summary" ON "turns" USING btree ("session_id") WHERE mode = 'summary' and finished_at is null;
--> statement-breakpoint
CREATE UNIQUE INDEX "webhook_deliveries_once" ON "webhook_deliveries" USING btree ("endpoint_id","turn_id","seq") WHERE url is null;
--> statement-breakpoint
CREATE UNIQUE INDEX "webhook_callbacks_once" ON "webhook_deliveries" USING btree ("turn_id","seq") WHERE url is not null;
--> statement-breakpoint
CREATE INDEX "webhook_deliveries_owner" ON "webhook_deliveries" USING btree ("owner_id","id");
--> statement-breakpoint
CREATE INDEX "webhook_deliveries_endpoint" ON "webhook_deliveries" USING btree ("endpoint_id","id");
--> statement-breakpoint
CREATE INDEX "webhook_deliveries_turn" ON "webhook_deliveries" USING btree ("turn_id");
--> statement-breakpoint
CREATE INDEX "webhook_deliveries_due" ON "webhook_deliveries" USING btree ("next_at") WHERE status = 'pending';
--> statement-breakpoint
CREATE INDEX "webhook_endpoints_owner_live" ON "webhook_endpoints" USING btree ("owner_id","id") WHERE deleted_at is null;
--> statement-breakpoint
-- function: admin/admin-accounts.sql
GRANT CREATE ON SCHEMA public TO pantheon_system;
--> statement-breakpoint
SET LOCAL ROLE pantheon_system;
--> statement-breakpoint
-- Balances are summed over all users, one row a kind of account.
CREATE OR REPLACE FUNCTION pantheon_admin_accounts() RETURNS TABLE (kind text, units text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT a.kind, sum(a.balance_units)::text FROM accounts a GROUP BY a.kind
$$;
--> statement-breakpoint
REVOKE EXECUTE ON FUNCTION pantheon_admin_accounts() FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION pantheon_admin_accounts() TO pantheon_app;
--> statement-breakpoint
ALTER FUNCTION pantheon_admin_accounts() OWNER TO pantheon_system;
--> statement-breakpoint
RESET ROLE;
--> statement-breakpoint
REVOKE CREATE ON SCHEMA public FROM pantheon_system;
--> statement-breakpoint
-- function: admin/admin-add-pricing-version.sql
GRANT CREATE ON SCHEMA public TO pantheon_system;
--> statement-breakpoint
SET LOCAL ROLE pantheon_system;
--> statement-breakpoint
-- A version begins now or later, a minute for the way here allowed, and not before the one in force:
-- the prices of a moment can always be looked up again.
CREATE OR REPLACE FUNCTION pantheon_admin_add_pricing_version(p_id text, p_effective_at timestamptz,
  p_created_at timestamptz, p_prices jsonb)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  -- One at a time, so that each sees which version the one before brought into force.
  PERFORM pg_advisory_xact_lock(hashtextextended('pricing_versions', 0));
  INSERT INTO pricing_versions (id, effective_at, created_at) VALUES (p_id, p_effective_at, p_created_at);
  IF p_effective_at < pantheon_now() - interval '1 minute' THEN
    RAISE EXCEPTION 'a version cannot begin in the past'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'pricing_versions_not_past';
  END IF;
  IF EXISTS (SELECT 1 FROM pricing_versions v WHERE v.effective_at <= pantheon_now()
    AND (v.effective_at, v.id COLLATE "C") > (p_effective_at, p_id COLLATE "C"))
  THEN
    RAISE EXCEPTION 'a version cannot begin before the one in force'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'pricing_versions_after_current';
  END IF;
  INSERT INTO model_prices (pricing_version, alias, provider_model, context_limit, multiplier_milli,
    input_micro_usd_per_million, cached_micro_usd_per_million, output_micro_usd_per_million)
  SELECT p_id, p.* FROM jsonb_to_recordset(p_prices) AS p(alias text, provider_model text, context_limit int,
    multiplier_milli int, input_micro_usd_per_million bigint, cached_micro_usd_per_million bigint,
    output_micro_usd_per_million bigint);
END $$;
--> statement-breakpoint
REVOKE EXECUTE ON FUNCTION pantheon_admin_add_pricing_version(text, timestamptz, timestamptz, jsonb) FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION pantheon_admin_add_pricing_version(text, timestamptz, timestamptz, jsonb) TO pantheon_app;
--> statement-breakpoint
ALTER FUNCTION pantheon_admin_add_pricing_version(text, timestamptz, timestamptz, jsonb) OWNER TO pantheon_system;
--> statement-breakpoint
RESET ROLE;
--> statement-breakpoint
REVOKE CREATE ON SCHEMA public FROM pantheon_system;
--> statement-breakpoint
-- function: admin/admin-grant.sql
GRANT CREATE ON SCHEMA public TO pantheon_system;
--> statement-breakpoint
SET LOCAL ROLE pantheon_system;
--> statement-breakpoint
-- A grant's row and its money are written together; who asks is the giver, and an unknown receiver is refused.
CREATE OR REPLACE FUNCTION pantheon_admin_grant(p_id uuid, p_owner uuid, p_reason text, p_units bigint,
  p_created_at timestamptz)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO grants (id, owner_id, granted_by, reason, units, created_at)
    VALUES (p_id, p_owner, pantheon_user_id(), p_reason, p_units, p_created_at);
  PERFORM pantheon_lock_money(p_owner);
  INSERT INTO ledger_entries (operation_key, owner_id, account_kind, reason, amount_units, created_at)
    SELECT 'grant:' || p_id, p_owner, e.kind, 'admin_grant', e.sign * p_units, pantheon_now()
    FROM (VALUES ('granted', -1), ('wallet', 1)) AS e(kind, sign);
END $$;
--> statement-breakpoint
REVOKE EXECUTE ON FUNCTION pantheon_admin_grant(uuid, uuid, text, bigint, timestamptz) FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION pantheon_admin_grant(uuid, uuid, text, bigint, timestamptz) TO pantheon_app;
--> statement-breakpoint
ALTER FUNCTION pantheon_admin_grant(uuid, uuid, text, bigint, timestamptz) OWNER TO pantheon_system;
--> statement-breakpoint
RESET ROLE;
--> statement-breakpoint
REVOKE CREATE ON SCHEMA public FROM pantheon_system;
--> statement-breakpoint
-- function: admin/admin-grants.sql
GRANT CREATE ON SCHEMA public TO pantheon_system;
--> statement-breakpoint
SET LOCAL ROLE pantheon_system;
--> statement-breakpoint
-- Grants come newest first, a page at a time.
CREATE OR REPLACE FUNCTION pantheon_admin_grants(p_owner uuid, p_before uuid, p_limit int) RETURNS SETOF grants
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT * FROM grants g WHERE (p_owner IS NULL OR g.owner_id = p_owner) AND (p_before IS NULL OR g.id < p_before)
  ORDER BY g.id DESC LIMIT p_limit
$$;
--> statement-breakpoint
REVOKE EXECUTE ON FUNCTION pantheon_admin_grants(uuid, uuid, int) FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION pantheon_admin_grants(uuid, uuid, int) TO pantheon_app;
--> statement-breakpoint
ALTER FUNCTION pantheon_admin_grants(uuid, uuid, int) OWNER TO pantheon_system;
--> statement-breakpoint
RESET ROLE;
--> statement-breakpoint
REVOKE CREATE ON SCHEMA public FROM pantheon_system;
--> statement-breakpoint
-- function: admin/admin-usage.sql
GRANT CREATE ON SCHEMA public TO pantheon_system;
--> statement-breakpoint
SET LOCAL ROLE pantheon_system;
--> statement-breakpoint
-- All users' model calls are summed by day, week (from Monday) or month in UTC; a sum is text, for it may be long.
CREATE OR REPLACE FUNCTION pantheon_admin_usage(p_period text, p_from timestamptz, p_before timestamptz, p_limit int)
RETURNS TABLE (period_start text, active_users bigint, model_calls bigint, lost_calls bigint, fresh_tokens numeric,
  cached_tokens numeric, output_tokens numeric, metered_units text, charged_units text, cost_usd_pico text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT to_char(date_trunc(p_period, c.created_at AT TIME ZONE 'UTC'), 'YYYY-MM-DD'), count(DISTINCT c.owner_id),
    count(*) FILTER (WHERE c.status <> 'lost'), count(*) FILTER (WHERE c.status = 'lost'),
    sum(c.fresh_tokens), sum(c.cached_tokens), sum(c.output_tokens),
    sum(c.credit_units)::text, sum(c.charged_units)::text, sum(c.cost_usd_pico)::text
  FROM llm_call_events c
  WHERE c.created_at >= coalesce(p_from, '-infinity')
    AND c.created_at < coalesce(p_before, 'infinity')
  GROUP BY 1 ORDER BY 1 DESC LIMIT p_limit
$$;
--> statement-breakpoint
REVOKE EXECUTE ON FUNCTION pantheon_admin_usage(text, timestamptz, timestamptz, int) FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION pantheon_admin_usage(text, timestamptz, timestamptz, int) TO pantheon_app;
--> statement-breakpoint
ALTER FUNCTION pantheon_admin_usage(text, timestamptz, timestamptz, int) OWNER TO pantheon_system;
--> statement-breakpoint
RESET ROLE;
--> statement-breakpoint
REVOKE CREATE ON SCHEMA public FROM pantheon_system;
--> statement-breakpoint
-- function: admin/admin-waste.sql
GRANT CREATE ON SCHEMA public TO pantheon_system;
--> statement-breakpoint
SET LOCAL ROLE pantheon_system;
--> statement-breakpoint
-- What the platform paid in its users' place is a positive figure, beside the attempts that came to nothing.
CREATE OR REPLACE FUNCTION pantheon_admin_waste(p_period text, p_from timestamptz, p_before timestamptz, p_limit int)
RETURNS TABLE (period_start text, waste_units text, variance_units text, lost_calls bigint, failed_calls bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH span AS (
    SELECT coalesce(p_from, '-infinity') AS starts, coalesce(p_before, 'infinity') AS ends
  ), paid AS (
    SELECT date_trunc(p_period, e.created_at AT TIME ZONE 'UTC') AS period,
      -sum(e.amount_units) FILTER (WHERE e.account_kind = 'waste') AS waste,
      -sum(e.amount_units) FILTER (WHERE e.account_kind = 'variance') AS variance
    FROM ledger_entries e, span WHERE e.account_kind IN ('waste', 'variance') AND e.created_at >= span.starts
      AND e.created_at < span.ends GROUP BY 1
  ), missed AS (
    SELECT date_trunc(p_period, c.created_at AT TIME ZONE 'UTC') AS period,
      count(*) FILTER (WHERE c.status = 'lost') AS lost,
      count(*) FILTER (WHERE c.status IN ('failed', 'aborted')) AS failed
    FROM llm_call_events c, span WHERE c.status <> 'ok' AND c.created_at >= span.starts AND c.created_at < span.ends
      GROUP BY 1
  )
  SELECT to_char(period, 'YYYY-MM-DD'), coalesce(paid.waste, 0)::text, coalesce(paid.variance, 0)::text,
    coalesce(missed.lost, 0), coalesce(missed.failed, 0)
  FROM paid FULL JOIN missed USING (period) ORDER BY period DESC LIMIT p_limit
$$;
--> statement-breakpoint
REVOKE EXECUTE ON FUNCTION pantheon_admin_waste(text, timestamptz, timestamptz, int) FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION pantheon_admin_waste(text, timestamptz, timestamptz, int) TO pantheon_app;
--> statement-breakpoint
ALTER FUNCTION pantheon_admin_waste(text, timestamptz, timestamptz, int) OWNER TO pantheon_system;
--> statement-breakpoint
RESET ROLE;
--> statement-breakpoint
REVOKE CREATE ON SCHEMA public FROM pantheon_system;
--> statement-breakpoint
-- function: base/now.sql
-- The database decides by this clock alone; tests replace it to shift time.
CREATE OR REPLACE FUNCTION pantheon_now() RETURNS timestamptz LANGUAGE sql STABLE AS $$ SELECT now() $$;
--> statement-breakpoint
-- function: base/new-id.sql
-- Rows that a statement makes of its own get a UUIDv7 of the database's clock.
CREATE OR REPLACE FUNCTION pantheon_new_id() RETURNS uuid LANGUAGE sql VOLATILE AS $$
  SELECT encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid())
    PLACING substring(int8send(floor(extract(epoch FROM pantheon_now()) * 1000)::bigint) FROM 3) FROM 1 FOR 6), 52, 1),
      53, 1), 'hex')::uuid
$$;
--> statement-breakpoint
-- function: base/protect.sql
-- Every tenant table gets row security, two policies and its updated_at trigger here;
-- a migration that adds a table calls this.
CREATE OR REPLACE PROCEDURE pantheon_protect(tenant_table regclass, owner_column text, app_rights text)
  LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', tenant_table);
  EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', tenant_table);
  EXECUTE format('CREATE POLICY tenant ON %s TO pantheon_app USING (%I = (SELECT pantheon_user_id()))'
    ' WITH CHECK (%I = (SELECT pantheon_user_id()))', tenant_table, owner_column, owner_column);
  EXECUTE format('CREATE POLICY system ON %s TO pantheon_system USING (true) WITH CHECK (true)', tenant_table);
  EXECUTE format('GRANT %s ON %s TO pantheon_app', app_rights, tenant_table);
  EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO pantheon_system', tenant_table);
  IF EXISTS (SELECT 1 FROM pg_attribute WHERE attrelid = tenant_table AND attname = 'updated_at'
    AND NOT attisdropped) THEN
    EXECUTE format('CREATE TRIGGER touch BEFORE UPDATE ON %s FOR EACH ROW EXECUTE FUNCTION pantheon_touch()',
      tenant_table);
  END IF;
END $$;
--> statement-breakpoint
-- function: base/touch.sql
-- A changed row says when it was changed.
CREATE OR REPLACE FUNCTION pantheon_touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.updated_at := pantheon_now();
  RETURN NEW;
END $$;
--> statement-breakpoint
-- function: base/user-id.sql
-- The transaction's user is the one that authentication has set; null: none.
CREATE OR REPLACE FUNCTION pantheon_user_id() RETURNS uuid LANGUAGE sql STABLE
AS $$ SELECT nullif(current_setting('app.user_id', true), '')::uuid $$;
--> statement-breakpoint
-- function: history/earlier-messages.sql
-- The newest messages before a window come as far as the agent may see them, at most 400.
CREATE OR REPLACE FUNCTION pantheon_earlier_messages(p_session uuid, p_before_index int, p_agent_key text) RETURNS jsonb
LANGUAGE sql STABLE SET enable_sort = off SET enable_bitmapscan = off SET enable_seqscan = off AS $$
  SELECT coalesce(jsonb_agg(jsonb_build_object('agent_key', e.agent_key, 'text', e.text)
    ORDER BY e.turn_index, e.position), '[]') FROM (
    SELECT m.turn_index, m.position, m.agent_key, left(m.text, 2000) AS text FROM messages m
    WHERE m.session_id = p_session AND m.turn_index < p_before_index AND m.is_in_history AND NOT m.is_pinned
      AND (m.private_to IS NULL OR m.private_to = p_agent_key)
    ORDER BY m.turn_index DESC, m.position DESC LIMIT 400) AS e
$$;
--> statement-breakpoint
-- function: history/measure-history.sql
-- A new turn finds so much: the most tokens of summary, pinned and uncovered messages, and an estimate of the
-- uncovered ones. Nothing is counted beyond what a model can read or a step is given.
CREATE OR REPLACE FUNCTION pantheon_measure_history(p_session uuid, p_most int, p_recent_turns int) RETURNS jsonb
LANGUAGE plpgsql STABLE SET enable_sort = off SET enable_bitmapscan = off SET enable_seqscan = off AS $$
DECLARE
  said record;
  summary session_summaries%ROWTYPE;
  covered int;
  bound bigint;
  uncovered bigint := 0;
  uncovered_turns int := 0;
  uncovered_messages int := 0;
  longest int := 0;
  turns_read int := 0;
  of_index int;
BEGIN
  SELECT * INTO summary FROM session_summaries s WHERE s.session_id = p_session ORDER BY s.version DESC LIMIT 1;
  covered := coalesce(summary.through_turn_index, 0);
  bound := coalesce(summary.bound_tokens, 0);
  FOR said IN SELECT m.turn_index, m.tokens, m.bound_tokens FROM messages m
    WHERE m.session_id = p_session AND m.is_in_history
    ORDER BY m.turn_index DESC, m.position DESC
  LOOP
    IF said.turn_index IS DISTINCT FROM of_index THEN
      EXIT WHEN turns_read >= p_recent_turns AND (said.turn_index <= covered OR uncovered >= p_most
        OR uncovered_messages > 4000);
      of_index := said.turn_index;
      turns_read := turns_read + 1;
      uncovered_turns := uncovered_turns + (said.turn_index > covered)::int;
    END IF;
    bound := bound + said.bound_tokens;
    IF said.turn_index > covered THEN
      uncovered := uncovered + said.tokens;
      uncovered_messages := uncovered_messages + 1;
      longest := greatest(longest, said.bound_tokens);
    END IF;
  END LOOP;
  SELECT bound + coalesce(sum(m.bound_tokens), 0) INTO bound FROM messages m
    WHERE m.session_id = p_session AND m.is_pinned AND m.is_in_history AND m.turn_index < of_index;
  RETURN jsonb_build_object('boundTokens', least(bound, 1000000000), 'unsummarisedTokens', least(uncovered, 1000000000),
    'unsummarisedTurns', uncovered_turns, 'unsummarisedMessages', uncovered_messages, 'longestBoundTokens', longest);
END $$;
--> statement-breakpoint
-- function: history/said.sql
-- A message in a window carries these fields and no others.
CREATE OR REPLACE FUNCTION pantheon_said(m messages) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT jsonb_build_object('id', m.id, 'turn_index', m.turn_index, 'position', m.position, 'author', m.author,
    'agent_key', m.agent_key, 'agent_name', m.agent_name, 'error_type', m.error_type, 'text', m.text,
    'tokens', m.tokens, 'token_class', m.token_class, 'is_pinned', m.is_pinned, 'private_to', m.private_to,
    'group_id', m.group_id)
$$;
--> statement-breakpoint
-- function: history/turn-messages.sql
-- A step sees the user's message of its turn and the outcomes of the steps named.
CREATE OR REPLACE FUNCTION pantheon_turn_messages(p_turn uuid, p_sees int[]) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT coalesce(jsonb_agg(pantheon_said(m) ORDER BY m.position), '[]')
  FROM messages m WHERE m.turn_id = p_turn AND (m.position = 0 OR m.position - 1 = ANY (p_sees))
$$;
--> statement-breakpoint
-- function: history/window.sql
-- A window holds the summary, what is pinned, the recent turns, and the newest whole turns that fit p_tokens.
-- The walk back along the index stops where the window is full, so a long session costs no more to read.
CREATE OR REPLACE FUNCTION pantheon_window(p_session uuid, p_before_index int, p_tokens int, p_recent_turns int)
RETURNS jsonb
LANGUAGE plpgsql STABLE SET enable_sort = off SET enable_bitmapscan = off SET enable_seqscan = off AS $$
DECLARE
  said record;
  summary jsonb := pantheon_summary_in_force(p_session);
  covered int := coalesce((summary->>'through_turn_index')::int, 0);
  running bigint := 0;
  of_index int := p_before_index;
  turns_read int := 0;
  messages_read int := 0;
  after_index int := 0;
BEGIN
  -- Without a sort the index gives the order, so that reading stops where the window ends. A refused turn is no recent
  -- one.
  FOR said IN SELECT m.turn_index, m.tokens FROM messages m
    WHERE m.session_id = p_session AND m.turn_index < p_before_index AND m.is_in_history
    ORDER BY m.turn_index DESC, m.position DESC
  LOOP
    IF said.turn_index < of_index THEN
      of_index := said.turn_index;
      turns_read := turns_read + 1;
    END IF;
    running := running + said.tokens + 1;
    messages_read := messages_read + 1;
    IF turns_read > p_recent_turns AND (running > p_tokens OR messages_read > 4000 OR said.turn_index <= covered) THEN
      after_index := said.turn_index;
      EXIT;
    END IF;
  END LOOP;
  RETURN jsonb_build_object('summary', summary, 'reads_from_turn_index', after_index + 1, 'messages', (
    SELECT coalesce(jsonb_agg(said_row.said ORDER BY said_row.turn_index, said_row.position), '[]') FROM (
      SELECT pantheon_said(m) AS said, m.turn_index, m.position FROM messages m
      WHERE m.session_id = p_session AND m.turn_index <= after_index AND m.is_pinned AND m.is_in_history
      UNION ALL
      SELECT pantheon_said(m), m.turn_index, m.position FROM messages m
      WHERE m.session_id = p_session AND m.turn_index > after_index AND m.turn_index < p_before_index
        AND m.is_in_history
    ) AS said_row));
END $$;
--> statement-breakpoint
-- function: holds/book-lost-attempt.sql
-- An attempt whose holder never came back is booked to the platform at its bound, since nobody knows what it used.
CREATE OR REPLACE FUNCTION pantheon_book_lost_attempt(p_turn turns, p_step turn_steps, p_id uuid) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  units bigint;
BEGIN
  PERFORM pantheon_lock_money(p_turn.owner_id);
  SELECT coalesce(max(h.units - h.charged_units), 0) INTO units FROM holds h WHERE h.step_id = p_step.id AND h.is_open;
  INSERT INTO llm_call_events (id, owner_id, room_id, session_id, turn_id, step_id, attempt, ordinal, agent_key,
    purpose, provider, model_alias, provider_model, fresh_tokens, cached_tokens, output_tokens, cache_write_tokens,
    reasoning_tokens, oe_hundredths, multiplier_milli, pricing_version, credit_units, status, is_estimated, created_at)
  SELECT p_id, p_step.owner_id, p_turn.room_id, p_turn.session_id, p_turn.id, p_step.id, p_step.token, 0,
    p_step.agent_key, p_step.purpose, 'openrouter', a->>'model_alias', a->>'provider_model', 0, 0, 0, 0, 0,
    units / (a->>'multiplier_milli')::int, (a->>'multiplier_milli')::int, p_turn.plan->>'pricing_version', units,
    'lost', true, pantheon_now()
  FROM jsonb_array_elements(p_turn.plan->'agents') AS a WHERE a->>'key' = p_step.agent_key;
  INSERT INTO ledger_entries (operation_key, owner_id, account_kind, reason, amount_units, turn_id, created_at)
  SELECT 'lost:' || p_step.id || ':' || p_step.token, p_turn.owner_id, e.kind, 'lost', e.sign * units, p_turn.id,
    pantheon_now()
  FROM (VALUES ('revenue', 1), ('waste', -1)) AS e(kind, sign) WHERE units > 0;
END $$;
--> statement-breakpoint
-- function: holds/budget-scopes.sql
-- A turn's cost of a day counts against each of these five budgets.
CREATE OR REPLACE FUNCTION pantheon_budget_scopes(p_turn turns, p_day date) RETURNS TABLE (scope text, scope_key text)
LANGUAGE sql IMMUTABLE AS $$
  VALUES ('day', to_char(p_day, 'YYYY-MM-DD')), ('month', to_char(p_day, 'YYYY-MM')), ('room', p_turn.room_id::text),
    ('session', p_turn.session_id::text), ('turn', p_turn.id::text)
$$;
--> statement-breakpoint
-- function: holds/count-budget.sql
-- Held and spent money of a turn is counted in all of its budgets at once.
CREATE OR REPLACE FUNCTION pantheon_count_budget(p_turn turns, p_day date, p_held bigint, p_spent bigint) RETURNS void
LANGUAGE sql AS $$
  UPDATE budget_counters c SET held_units = c.held_units + p_held, spent_units = c.spent_units + p_spent
  FROM pantheon_budget_scopes(p_turn, p_day) AS s
  WHERE c.owner_id = p_turn.owner_id AND c.scope = s.scope AND c.scope_key = s.scope_key
$$;
--> statement-breakpoint
-- function: holds/lock-money.sql
-- One lock covers all money of a user, taken after those of turns and steps, so two movements never deadlock.
CREATE OR REPLACE FUNCTION pantheon_lock_money(p_owner uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM accounts WHERE owner_id = p_owner AND kind = 'held' FOR NO KEY UPDATE;
END $$;
--> statement-breakpoint
-- function: holds/record-calls.sql
-- Every model call gets a row; calls that gave a result are charged, in order, as far as the hold goes.
-- The answer holds the sums.
CREATE OR REPLACE FUNCTION pantheon_record_calls(p_turn turns, p_step turn_steps, p_token int, p_calls jsonb,
  p_most bigint)
RETURNS TABLE (metered bigint, charged bigint, wasted bigint) LANGUAGE sql AS $$
  WITH made AS (
    SELECT c.*, coalesce(sum(c.credit_units) FILTER (WHERE c.is_charged) OVER (ORDER BY c.ordinal), 0) AS due
    FROM jsonb_to_recordset(p_calls) AS c(id uuid, ordinal int, provider text, model_alias text, provider_model text,
      request_id text, generation_id text, fresh_tokens bigint, cached_tokens bigint, output_tokens bigint,
      cache_write_tokens bigint, reasoning_tokens bigint, oe_hundredths bigint, multiplier_milli int,
      credit_units bigint, cost_usd_pico bigint, latency_ms int, status text, http_status int, finish_reason text,
      is_estimated boolean, is_charged boolean)
  ), priced AS (
    SELECT m.*, CASE WHEN m.is_charged THEN greatest(0,
      least(m.credit_units, p_most - (m.due - m.credit_units)))::bigint ELSE 0 END AS charged_units
    FROM made m
  ), booked AS (
    INSERT INTO llm_call_events (id, owner_id, room_id, session_id, turn_id, step_id, attempt, ordinal, agent_key,
      purpose, provider, model_alias, provider_model, request_id, generation_id, fresh_tokens, cached_tokens,
      output_tokens, cache_write_tokens, reasoning_tokens, oe_hundredths, multiplier_milli, pricing_version,
      credit_units, charged_units, cost_usd_pico, latency_ms, status, http_status, finish_reason, is_estimated,
      created_at)
    SELECT c.id, p_step.owner_id, p_turn.room_id, p_turn.session_id, p_turn.id, p_step.id, p_token, c.ordinal,
      p_step.agent_key, p_step.purpose, c.provider, c.model_alias, c.provider_model, c.request_id, c.generation_id,
      c.fresh_tokens, c.cached_tokens, c.output_tokens, c.cache_write_tokens, c.reasoning_tokens, c.oe_hundredths,
      c.multiplier_milli, p_turn.plan->>'pricing_version', c.credit_units, c.charged_units, c.cost_usd_pico,
      c.latency_ms, c.status, c.http_status, c.finish_reason, c.is_estimated, pantheon_now()
    FROM priced c
  )
  SELECT coalesce(sum(p.credit_units), 0)::bigint, coalesce(sum(p.charged_units), 0)::bigint,
    coalesce(sum(p.credit_units) FILTER (WHERE NOT p.is_charged), 0)::bigint FROM priced p
$$;
--> statement-breakpoint
-- function: holds/release.sql
GRANT CREATE ON SCHEMA public TO pantheon_system;
--> statement-breakpoint
SET LOCAL ROLE pantheon_system;
--> statement-breakpoint
-- Holds of ended steps are given back, unless a call is still under way.
CREATE OR REPLACE FUNCTION pantheon_release(p_turn uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  t turns%ROWTYPE;
  h holds%ROWTYPE;
BEGIN
  SELECT * INTO t FROM turns WHERE id = p_turn AND owner_id = coalesce(pantheon_user_id(), owner_id);
  FOR h IN SELECT o.* FROM holds o JOIN turn_steps s ON s.id = o.step_id
    WHERE o.turn_id = t.id AND o.is_open AND s.status IN ('done', 'failed', 'cancelled') AND s.lease_until IS NULL
  LOOP
    PERFORM pantheon_lock_money(t.owner_id);
    UPDATE holds SET is_open = false, closed_at = pantheon_now() WHERE step_id = h.step_id;
    PERFORM pantheon_count_budget(t, h.held_on, h.charged_units - h.units, 0);
    INSERT INTO ledger_entries (operation_key, owner_id, account_kind, reason, amount_units, turn_id, created_at)
    SELECT 'release:' || h.step_id, t.owner_id, e.kind, 'release', e.sign * (h.units - h.charged_units), t.id,
      pantheon_now()
    FROM (VALUES ('held', -1), ('wallet', 1)) AS e(kind, sign) WHERE h.units > h.charged_units;
  END LOOP;
END $$;
--> statement-breakpoint
REVOKE EXECUTE ON FUNCTION pantheon_release(uuid) FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION pantheon_release(uuid) TO pantheon_app, pantheon_system;
--> statement-breakpoint
ALTER FUNCTION pantheon_release(uuid) OWNER TO pantheon_system;
--> statement-breakpoint
RESET ROLE;
--> statement-breakpoint
REVOKE CREATE ON SCHEMA public FROM pantheon_system;
--> statement-breakpoint
-- function: holds/settle.sql
-- An attempt's calls are paid from the step's hold, never beyond it; the platform pays what is left and what gave
-- no result. The hold closes with the step.
CREATE OR REPLACE FUNCTION pantheon_settle(p_turn turns, p_step turn_steps, p_token int, p_calls jsonb,
  p_is_over boolean)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  h holds%ROWTYPE;
  sums record;
  freed bigint;
BEGIN
  PERFORM pantheon_lock_money(p_turn.owner_id);
  SELECT * INTO h FROM holds WHERE step_id = p_step.id AND is_open;
  SELECT * INTO sums FROM pantheon_record_calls(p_turn, p_step, p_token, p_calls,
    coalesce(h.units - h.charged_units, 0));
  freed := CASE WHEN p_is_over THEN coalesce(h.units - h.charged_units, 0) - sums.charged ELSE 0 END;
  UPDATE holds SET charged_units = charged_units + sums.charged, is_open = NOT p_is_over,
      closed_at = CASE WHEN p_is_over THEN pantheon_now() END
    WHERE step_id = h.step_id;
  PERFORM pantheon_count_budget(p_turn, h.held_on, -(sums.charged + freed), sums.charged);
  INSERT INTO ledger_entries (operation_key, owner_id, account_kind, reason, amount_units, turn_id, created_at)
  SELECT 'settle:' || p_step.id || ':' || p_token, p_turn.owner_id, e.kind, 'settle', e.units, p_turn.id, pantheon_now()
  FROM (VALUES ('held', -(sums.charged + freed)), ('wallet', freed), ('revenue', sums.metered), ('waste', -sums.wasted),
    ('variance', sums.charged + sums.wasted - sums.metered)) AS e(kind, units)
  WHERE e.units <> 0;
  IF sums.charged > 0 THEN PERFORM pantheon_tell_low_balance(p_turn, sums.charged); END IF;
END $$;
--> statement-breakpoint
-- function: holds/try-hold.sql
GRANT CREATE ON SCHEMA public TO pantheon_system;
--> statement-breakpoint
SET LOCAL ROLE pantheon_system;
--> statement-breakpoint
-- The most that a turn's open steps may cost is set aside whole, or not at all, and the answer names the limit
-- in the way: the tightest of the wallet and the five budgets.
CREATE OR REPLACE FUNCTION pantheon_try_hold(p_turn uuid) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  t turns%ROWTYPE;
  today date := (pantheon_now() AT TIME ZONE 'UTC')::date;
  needed bigint;
  spendable bigint;
  tight record;
BEGIN
  SELECT * INTO t FROM turns WHERE id = p_turn AND owner_id = coalesce(pantheon_user_id(), owner_id);
  SELECT coalesce(sum(s.hold_units), 0) INTO needed FROM turn_steps s
    WHERE s.turn_id = t.id AND s.status IN ('waiting', 'ready') AND s.hold_units > 0
      AND NOT EXISTS (SELECT 1 FROM holds h WHERE h.step_id = s.id);
  IF needed = 0 THEN RETURN NULL; END IF;
  PERFORM pantheon_lock_money(t.owner_id);
  INSERT INTO budget_counters (owner_id, scope, scope_key)
    SELECT t.owner_id, s.scope, s.scope_key FROM pantheon_budget_scopes(t, today) AS s ON CONFLICT DO NOTHING;
  SELECT l.scope, l.units AS most, c.spent_units AS spent, c.held_units AS held,
    l.units - c.spent_units - c.held_units AS rest INTO tight
  FROM pantheon_budget_scopes(t, today) AS s
    JOIN budget_counters c ON c.owner_id = t.owner_id AND c.scope = s.scope AND c.scope_key = s.scope_key
    JOIN (SELECT 'turn' AS scope, t.budget_units AS units
      UNION ALL SELECT 'session', b.budget_units FROM sessions b WHERE b.id = t.session_id
      UNION ALL SELECT 'room', b.budget_units FROM rooms b WHERE b.id = t.room_id
      UNION ALL SELECT 'day', b.per_day_units FROM user_budgets b WHERE b.owner_id = t.owner_id
      UNION ALL SELECT 'month', b.per_month_units FROM user_budgets b
        WHERE b.owner_id = t.owner_id) AS l ON l.scope = s.scope
  WHERE l.units IS NOT NULL ORDER BY rest, l.scope LIMIT 1;
  SELECT balance_units INTO spendable FROM accounts WHERE owner_id = t.owner_id AND kind = 'wallet';
  IF tight.rest < needed AND tight.rest <= spendable THEN
    RETURN jsonb_build_object('code', 'budget_exceeded', 'scope', tight.scope, 'needed', pantheon_credits(needed),
      'available', pantheon_credits(greatest(0, tight.rest)), 'budget', pantheon_credits(tight.most),
      'spent', pantheon_credits(tight.spent), 'held', pantheon_credits(tight.held));
  ELSIF spendable < needed THEN
    RETURN jsonb_build_object('code', 'insufficient_credits', 'scope', 'wallet', 'needed', pantheon_credits(needed),
      'available', pantheon_credits(spendable));
  END IF;
  WITH held AS (
    INSERT INTO holds (step_id, owner_id, turn_id, units, held_on, created_at)
    SELECT s.id, s.owner_id, s.turn_id, s.hold_units, today, pantheon_now() FROM turn_steps s
    WHERE s.turn_id = t.id AND s.status IN ('waiting', 'ready') AND s.hold_units > 0
      AND NOT EXISTS (SELECT 1 FROM holds h WHERE h.step_id = s.id)
    RETURNING step_id, units
  )
  INSERT INTO ledger_entries (operation_key, owner_id, account_kind, reason, amount_units, turn_id, created_at)
  SELECT 'hold:' || h.step_id, t.owner_id, e.kind, 'hold', e.sign * h.units, t.id, pantheon_now()
  FROM held h CROSS JOIN (VALUES ('wallet', -1), ('held', 1)) AS e(kind, sign);
  PERFORM pantheon_count_budget(t, today, needed, 0);
  RETURN NULL;
END $$;
--> statement-breakpoint
REVOKE EXECUTE ON FUNCTION pantheon_try_hold(uuid) FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION pantheon_try_hold(uuid) TO pantheon_app, pantheon_system;
--> statement-breakpoint
ALTER FUNCTION pantheon_try_hold(uuid) OWNER TO pantheon_system;
--> statement-breakpoint
RESET ROLE;
--> statement-breakpoint
REVOKE CREATE ON SCHEMA public FROM pantheon_system;
--> statement-breakpoint
-- function: identity/authenticate-key.sql
GRANT CREATE ON SCHEMA public TO pantheon_system;
--> statement-breakpoint
SET LOCAL ROLE pantheon_system;
--> statement-breakpoint
-- An API key that is refused aborts the transaction, so that nothing after it can take effect.
CREATE OR REPLACE FUNCTION pantheon_authenticate_key(p_short text, p_secret_hash text, p_scope text)
RETURNS TABLE (user_id uuid, email text, scopes text[], created_at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE
  found_key api_keys%ROWTYPE;
  salt bytea := uuid_send(gen_random_uuid());
BEGIN
  SELECT * INTO found_key FROM api_keys k WHERE k.short = p_short;
  -- Hashed once more under a fresh salt: how long the comparison takes says nothing about the stored hash.
  IF found_key.id IS NULL
    OR sha256(salt || convert_to(found_key.secret_hash, 'UTF8')) <> sha256(salt || convert_to(p_secret_hash, 'UTF8'))
    OR found_key.revoked_at IS NOT NULL
    OR found_key.expires_at <= pantheon_now()
  THEN
    RAISE EXCEPTION 'the API key is not valid' USING ERRCODE = 'PT401';
  END IF;
  IF p_scope IS NOT NULL AND NOT p_scope = ANY (found_key.scopes) THEN
    RAISE EXCEPTION 'the API key lacks the scope %', p_scope USING ERRCODE = 'PT403';
  END IF;
  PERFORM set_config('app.user_id', found_key.owner_id::text, true);
  RETURN QUERY SELECT u.id, u.email, found_key.scopes, u.created_at FROM users u WHERE u.id = found_key.owner_id;
END $$;
--> statement-breakpoint
REVOKE EXECUTE ON FUNCTION pantheon_authenticate_key(text, text, text) FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION pantheon_authenticate_key(text, text, text) TO pantheon_app;
--> statement-breakpoint
ALTER FUNCTION pantheon_authenticate_key(text, text, text) OWNER TO pantheon_system;
--> statement-breakpoint
RESET ROLE;
--> statement-breakpoint
REVOKE CREATE ON SCHEMA public FROM pantheon_system;
--> statement-breakpoint
-- function: identity/authenticate-user.sql
GRANT CREATE ON SCHEMA public TO pantheon_system;
--> statement-breakpoint
SET LOCAL ROLE pantheon_system;
--> statement-breakpoint
-- The transaction's user is set here; a user seen for the first time gets accounts and the first grant.
CREATE OR REPLACE FUNCTION pantheon_authenticate_user(p_user_id uuid, p_email text, p_grant_units bigint)
RETURNS TABLE (user_id uuid, email text, scopes text[], created_at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE
  is_due boolean;
BEGIN
  SELECT u.is_grant_due INTO is_due FROM users u WHERE u.id = p_user_id;
  IF NOT FOUND THEN
    is_due := true;
    INSERT INTO users (id, email, is_grant_due) VALUES (p_user_id, p_email, true) ON CONFLICT DO NOTHING;
    IF FOUND THEN
      INSERT INTO accounts (owner_id, kind)
        SELECT p_user_id, unnest(ARRAY['wallet', 'held', 'revenue', 'granted', 'waste', 'variance']);
    END IF;
  ELSIF p_email IS NOT NULL THEN
    UPDATE users u SET email = p_email WHERE u.id = p_user_id AND u.email IS DISTINCT FROM p_email;
  END IF;
  IF is_due AND p_grant_units IS NOT NULL THEN
    UPDATE users u SET is_grant_due = false WHERE u.id = p_user_id AND u.is_grant_due;
    IF FOUND AND p_grant_units > 0 THEN
      PERFORM pantheon_lock_money(p_user_id);
      INSERT INTO ledger_entries (operation_key, owner_id, account_kind, reason, amount_units)
        VALUES ('signup', p_user_id, 'granted', 'signup_grant', -p_grant_units),
               ('signup', p_user_id, 'wallet', 'signup_grant', p_grant_units);
    END IF;
  END IF;
  PERFORM set_config('app.user_id', p_user_id::text, true);
  RETURN QUERY SELECT u.id, u.email, NULL::text[], u.created_at FROM users u WHERE u.id = p_user_id;
END $$;
--> statement-breakpoint
REVOKE EXECUTE ON FUNCTION pantheon_authenticate_user(uuid, text, bigint) FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION pantheon_authenticate_user(uuid, text, bigint) TO pantheon_app;
--> statement-breakpoint
ALTER FUNCTION pantheon_authenticate_user(uuid, text, bigint) OWNER TO pantheon_system;
--> statement-breakpoint
RESET ROLE;
--> statement-breakpoint
REVOKE CREATE ON SCHEMA public FROM pantheon_system;
--> statement-breakpoint
-- function: memory/begin-summary.sql
-- A summary is a turn of its own beside the conversation: at most one at a time, none that cannot be paid for, and
-- none decided on a history that was summed up since: the insert waits for the summary before it to end.
CREATE OR REPLACE FUNCTION pantheon_begin_summary(p_session uuid, p jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  v_turn turns%ROWTYPE;
  refusal jsonb;
  refused_with text;
BEGIN
  INSERT INTO turns (id, owner_id, room_id, session_id, turn_index, status, is_active, mode, rounds, plan, metadata,
    pending_steps, total_steps, created_at, updated_at)
  SELECT (p->>'id')::uuid, s.owner_id, s.room_id, s.id,
    (SELECT least(min(t.turn_index), 0) - 1 FROM turns t WHERE t.session_id = s.id), 'queued', false, 'summary', 1,
    p->'plan', '{}', 1, 1, coalesce((p->>'created_at')::timestamptz, pantheon_now()), pantheon_now()
  FROM sessions s WHERE s.id = p_session AND s.deleted_at IS NULL
  ON CONFLICT DO NOTHING RETURNING * INTO v_turn;
  IF v_turn.id IS NULL THEN
    RETURN jsonb_build_object('kind', 'busy', 'turn_id',
      (SELECT t.id FROM turns t WHERE t.session_id = p_session AND t.mode = 'summary' AND t.finished_at IS NULL));
  END IF;
  IF coalesce((SELECT s.through_turn_index FROM session_summaries s WHERE s.session_id = p_session
    ORDER BY s.version DESC LIMIT 1), 0)
    <> (p->>'covered_through_turn_index')::int THEN
    RAISE EXCEPTION 'another summary was written since this one was decided on' USING ERRCODE = 'PT409';
  END IF;
  PERFORM pantheon_add_steps(v_turn, jsonb_build_array(p->'step'));
  PERFORM pantheon_emit(v_turn.id, 'turn.created',
    jsonb_build_object('session_id', v_turn.session_id, 'turn_index', v_turn.turn_index, 'mode', 'summary'));
  refusal := pantheon_try_hold(v_turn.id);
  IF refusal IS NOT NULL THEN
    RAISE EXCEPTION 'the summary cannot be paid for' USING ERRCODE = 'PT402', DETAIL = refusal::text;
  END IF;
  PERFORM pantheon_post_step((p->'step'->>'id')::uuid, 0);
  RETURN jsonb_build_object('kind', 'begun', 'turn_index', v_turn.turn_index, 'letters', pantheon_posted_here());
EXCEPTION WHEN SQLSTATE 'PT409' THEN
  RETURN jsonb_build_object('kind', 'stale');
WHEN SQLSTATE 'PT402' THEN
  GET STACKED DIAGNOSTICS refused_with = PG_EXCEPTION_DETAIL;
  RETURN jsonb_build_object('kind', 'unaffordable', 'refusal', refused_with::jsonb);
END $$;
--> statement-breakpoint
-- function: memory/count-open.sql
-- Open entries are counted for a session whose summary was written before it kept the counts.
CREATE OR REPLACE FUNCTION pantheon_count_open(p_session uuid) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object('decision', count(*) FILTER (WHERE r.kind = 'decision'),
    'question', count(*) FILTER (WHERE r.kind = 'question'), 'action', count(*) FILTER (WHERE r.kind = 'action'),
    'fact', count(*) FILTER (WHERE r.kind = 'fact'))
  FROM register_entries r WHERE r.session_id = p_session AND r.status = 'open'
$$;
--> statement-breakpoint
-- function: memory/lock-memory.sql
-- A session's memory has one writer at a time; its lock is taken after those of turns and steps, before that of money.
CREATE OR REPLACE FUNCTION pantheon_lock_memory(p_session uuid) RETURNS int LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended(p_session::text, 6));
  RETURN coalesce((SELECT max(s.version) FROM session_summaries s WHERE s.session_id = p_session), 0);
END $$;
--> statement-breakpoint
-- function: memory/open-entries.sql
-- Open entries of each kind, the user's and the agents' apart, and pinned ones: the first and the last 64 of each.
-- A summary holds no more, however long the session is.
CREATE OR REPLACE FUNCTION pantheon_open_entries(p_session uuid) RETURNS jsonb
LANGUAGE sql STABLE SET enable_sort = off SET enable_bitmapscan = off SET enable_seqscan = off AS $$
  SELECT coalesce(jsonb_agg(jsonb_build_object('id', e.id, 'kind', e.kind, 'text', e.text, 'status', e.status,
    'author_key', e.author_key, 'source_message_ids', e.source_message_ids, 'is_pinned', e.is_pinned, 'order', e.place)
    ORDER BY e.place), '[]')
  FROM (SELECT d.*, row_number() OVER (ORDER BY d.id) AS place FROM (SELECT DISTINCT ON (r.id) r.* FROM (
    SELECT ends.* FROM (VALUES ('decision'), ('question'), ('action'), ('fact')) AS k(kind)
      CROSS JOIN (VALUES (true), (false)) AS u(is_users)
      CROSS JOIN LATERAL (
        (SELECT o.* FROM register_entries o WHERE o.session_id = p_session AND o.kind = k.kind
          AND (o.author_key IS NULL) = u.is_users AND o.status = 'open' AND NOT o.is_pinned
          ORDER BY o.id LIMIT 64)
        UNION ALL
        (SELECT o.* FROM register_entries o WHERE o.session_id = p_session AND o.kind = k.kind
          AND (o.author_key IS NULL) = u.is_users AND o.status = 'open' AND NOT o.is_pinned
          ORDER BY o.id DESC LIMIT 64)) AS ends
    UNION ALL
    (SELECT o.* FROM register_entries o WHERE o.session_id = p_session AND o.status = 'open' AND o.is_pinned
      ORDER BY o.id LIMIT 64)
    UNION ALL
    (SELECT o.* FROM register_entries o WHERE o.session_id = p_session AND o.status = 'open' AND o.is_pinned
      ORDER BY o.id DESC LIMIT 64)
  ) AS r ORDER BY r.id) AS d) AS e
$$;
--> statement-breakpoint
-- function: memory/revise-summary.sql
-- A user's correction of the register is a version of its own, refused when another came in between.
CREATE OR REPLACE FUNCTION pantheon_revise_summary(p_session uuid, p jsonb) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  IF pantheon_lock_memory(p_session) <> (p->>'base_version')::int THEN RETURN 'stale'; END IF;
  PERFORM pantheon_write_summary(p_session, NULL, p);
  RETURN 'written';
END $$;
--> statement-breakpoint
-- function: memory/summary-in-force.sql
-- The summary in force is the newest version, as prompts take it.
CREATE OR REPLACE FUNCTION pantheon_summary_in_force(p_session uuid) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object('id', s.id, 'version', s.version, 'through_turn_index', s.through_turn_index,
    'made_at_turn_index', s.made_at_turn_index, 'cursor', s.cursor, 'rendered', s.rendered, 'tokens', s.tokens,
    'token_class', s.token_class)
  FROM session_summaries s WHERE s.session_id = p_session ORDER BY s.version DESC LIMIT 1
$$;
--> statement-breakpoint
-- function: memory/to-summarise.sql
-- A summary is made from the version before it, the register, and the messages after the place where that one stopped,
-- as many as p_characters take with 48 for each one's frame, and none of a turn after one that is not over.
CREATE OR REPLACE FUNCTION pantheon_to_summarise(p_session uuid, p_through int, p_characters int) RETURNS jsonb
LANGUAGE plpgsql STABLE SET enable_sort = off SET enable_bitmapscan = off SET enable_seqscan = off AS $$
DECLARE
  previous session_summaries%ROWTYPE;
  said record;
  from_index int;
  from_position int;
  through_index int := 0;
  through_position int := 0;
  left_over int := p_characters;
  has_more boolean := false;
  last_index int := least(p_through,
    (SELECT t.turn_index - 1 FROM turns t WHERE t.session_id = p_session AND t.is_active),
    (SELECT min(t.turn_index) - 1 FROM turns t
      WHERE t.session_id = p_session AND t.status = 'queued' AND NOT t.is_active AND t.turn_index > 0));
BEGIN
  SELECT * INTO previous FROM session_summaries s WHERE s.session_id = p_session ORDER BY s.version DESC LIMIT 1;
  from_index := coalesce((previous.cursor->>'turn_index')::int, previous.through_turn_index + 1, 1);
  from_position := coalesce((previous.cursor->>'position')::int, 0);
  FOR said IN SELECT m.turn_index, m.position, char_length(m.text) AS length FROM messages m
    WHERE m.session_id = p_session AND (m.turn_index, m.position) >= (from_index, from_position)
      AND m.turn_index <= last_index AND m.is_in_history AND m.private_to IS NULL
    ORDER BY m.turn_index, m.position
  LOOP
    IF left_over <= 0 THEN
      has_more := true;
      EXIT;
    END IF;
    left_over := left_over - 48 - said.length + CASE WHEN (said.turn_index, said.position) = (from_index, from_position)
      THEN coalesce((previous.cursor->>'offset')::int, 0) ELSE 0 END;
    through_index := said.turn_index;
    through_position := said.position;
  END LOOP;
  RETURN jsonb_build_object('previous', CASE WHEN previous.id IS NOT NULL THEN to_jsonb(previous) END,
    'has_more', has_more, 'through_turn_index', last_index,
    'messages', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', m.id, 'turn_index', m.turn_index,
        'position', m.position, 'author', m.author, 'agent_key', m.agent_key, 'agent_name', m.agent_name,
        'error_type', m.error_type, 'length', char_length(m.text), 'from_offset', skipped.by,
        'text', substr(m.text, skipped.by + 1, p_characters)) ORDER BY m.turn_index, m.position), '[]')
      FROM messages m CROSS JOIN LATERAL (SELECT CASE WHEN (m.turn_index, m.position) = (from_index, from_position)
        THEN coalesce((previous.cursor->>'offset')::int, 0) ELSE 0 END AS by) AS skipped
      WHERE m.session_id = p_session AND (m.turn_index, m.position) >= (from_index, from_position)
        AND (m.turn_index, m.position) <= (through_index, through_position)
        AND m.is_in_history AND m.private_to IS NULL),
    'entries', pantheon_open_entries(p_session),
    'open_counts', coalesce(previous.open_counts, pantheon_count_open(p_session)));
END $$;
--> statement-breakpoint
-- function: memory/write-summary.sql
-- A summary's next version is written with what it adds to the register.
-- The caller holds the memory's lock and knows the version before.
CREATE OR REPLACE FUNCTION pantheon_write_summary(p_session uuid, p_step uuid, p jsonb) RETURNS void LANGUAGE sql AS $$
  INSERT INTO session_summaries (id, owner_id, session_id, version, step_id, through_turn_index, made_at_turn_index,
    cursor, text, items, rendered, tokens, token_class, is_fallback, open_counts, created_at)
  SELECT (p->>'id')::uuid, s.owner_id, s.id, (p->>'base_version')::int + 1, p_step, (p->>'through_turn_index')::int,
    (p->>'made_at_turn_index')::int, nullif(p->'cursor', 'null'::jsonb), p->>'text', p->'items', p->>'rendered',
    (p->>'tokens')::int, p->>'token_class', (p->>'is_fallback')::boolean, p->'open_counts', pantheon_now()
  FROM sessions s WHERE s.id = p_session;
  INSERT INTO register_entries (id, owner_id, room_id, session_id, kind, text, author_key, source_message_ids,
    is_pinned, created_at, updated_at)
  SELECT e.id, s.owner_id, s.room_id, s.id, e.kind, e.text, e.author_key, e.source_message_ids,
    coalesce(e.is_pinned, false), pantheon_now(), pantheon_now()
  FROM jsonb_to_recordset(p->'new_entries') AS e(id uuid, kind text, text text, author_key text,
    source_message_ids uuid[], is_pinned boolean)
    CROSS JOIN sessions s WHERE s.id = p_session;
  UPDATE register_entries r SET status = coalesce(c.status, r.status), is_pinned = coalesce(c.is_pinned, r.is_pinned),
    superseded_by = coalesce(c.superseded_by, r.superseded_by)
  FROM jsonb_to_recordset(p->'changes') AS c(id uuid, status text, is_pinned boolean, superseded_by uuid)
  WHERE r.id = c.id AND r.session_id = p_session;
$$;
--> statement-breakpoint
-- function: money/credits.sql
-- Credits are written as on the wire: the shortest decimal.
CREATE OR REPLACE FUNCTION pantheon_credits(p_units bigint) RETURNS text LANGUAGE sql IMMUTABLE
AS $$ SELECT trim_scale(p_units::numeric / 1000000000)::text $$;
--> statement-breakpoint
-- function: money/current-model-prices.sql
-- An alias has the price of the last version in force that names it; all stand under the last version in force.
CREATE OR REPLACE VIEW current_model_prices WITH (security_invoker = true) AS
  SELECT DISTINCT ON (p.alias)
    (SELECT f.id FROM pricing_versions f WHERE f.effective_at <= pantheon_now()
      ORDER BY f.effective_at DESC, f.id COLLATE "C" DESC LIMIT 1)
      AS pricing_version,
    p.alias, p.provider_model, p.context_limit, p.multiplier_milli, p.input_micro_usd_per_million,
    p.cached_micro_usd_per_million, p.output_micro_usd_per_million
  FROM model_prices p JOIN pricing_versions v ON v.id = p.pricing_version
  WHERE v.effective_at <= pantheon_now()
  ORDER BY p.alias, v.effective_at DESC, v.id COLLATE "C" DESC;
--> statement-breakpoint
GRANT SELECT ON current_model_prices TO pantheon_app, pantheon_system;
--> statement-breakpoint
-- function: money/ledger-apply.sql
-- The entries of an operation come in one statement and sum to zero; nothing else moves a balance.
CREATE OR REPLACE FUNCTION pantheon_ledger_apply() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM new_entries GROUP BY operation_key HAVING sum(amount_units) <> 0) THEN
    RAISE EXCEPTION 'a money operation does not sum to zero'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_entries_sum_zero';
  END IF;
  -- Locked in one order, so that two operations on the same accounts cannot deadlock.
  PERFORM 1 FROM accounts a WHERE (a.owner_id, a.kind) IN (SELECT owner_id, account_kind FROM new_entries)
    ORDER BY a.owner_id, a.kind FOR NO KEY UPDATE;
  UPDATE accounts a SET balance_units = a.balance_units + moved.units
  FROM (SELECT owner_id, account_kind, sum(amount_units) AS units FROM new_entries GROUP BY 1, 2) AS moved
  WHERE a.owner_id = moved.owner_id AND a.kind = moved.account_kind;
  RETURN NULL;
END $$;
--> statement-breakpoint
-- function: money/ledger-is-final.sql
-- Ledger entries are never changed.
CREATE OR REPLACE FUNCTION pantheon_ledger_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'ledger entries are never changed'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_entries_final';
END $$;
--> statement-breakpoint
-- function: money/low-balance-units.sql
-- Money below this figure is low. The same figure is in src/domain/money/low-balance.ts, and a test compares them.
CREATE OR REPLACE FUNCTION pantheon_low_balance_units() RETURNS bigint
LANGUAGE sql IMMUTABLE AS $$ SELECT 5000000000 $$;
--> statement-breakpoint
-- function: money/money-mismatches.sql
-- Figures that are kept twice agree: this view is always empty.
CREATE OR REPLACE VIEW pantheon_money_mismatches WITH (security_invoker = true) AS
WITH held AS (
  SELECT h.step_id, h.owner_id, h.turn_id, t.session_id, t.room_id, h.held_on, h.charged_units AS spent,
    CASE WHEN h.is_open THEN h.units - h.charged_units ELSE 0 END AS rest
  FROM holds h LEFT JOIN turns t ON t.id = h.turn_id
), scoped AS (
  SELECT h.owner_id, s.scope, s.scope_key, sum(h.rest) AS held, sum(h.spent) AS spent
  FROM held h CROSS JOIN LATERAL (VALUES ('day', to_char(h.held_on, 'YYYY-MM-DD')),
    ('month', to_char(h.held_on, 'YYYY-MM')), ('room', h.room_id::text), ('session', h.session_id::text),
    ('turn', h.turn_id::text)) AS s(scope, scope_key)
  GROUP BY 1, 2, 3
), counted AS (
  SELECT coalesce(c.owner_id, s.owner_id) AS owner_id,
    coalesce(c.scope, s.scope) || ':' || coalesce(c.scope_key, s.scope_key) AS scope,
    coalesce(s.held, 0) AS held, coalesce(s.spent, 0) AS spent,
    coalesce(c.held_units, 0) AS held_found, coalesce(c.spent_units, 0) AS spent_found
  FROM budget_counters c FULL JOIN scoped s ON s.owner_id = c.owner_id AND s.scope = c.scope
    AND s.scope_key = c.scope_key
), called AS (
  SELECT owner_id, sum(credit_units) AS metered, sum(charged_units) AS charged FROM llm_call_events GROUP BY 1
), balances AS (
  SELECT owner_id, coalesce(sum(balance_units) FILTER (WHERE kind = 'held'), 0) AS held,
    coalesce(sum(balance_units) FILTER (WHERE kind = 'revenue'), 0) AS revenue,
    coalesce(sum(balance_units) FILTER (WHERE kind IN ('waste', 'variance')), 0) AS platform
  FROM accounts GROUP BY 1
), compared AS (
  SELECT coalesce(a.owner_id, e.owner_id) AS owner_id,
    'balance ' || coalesce(a.kind, e.account_kind) AS what, coalesce(e.units, 0) AS expected,
    coalesce(a.balance_units, 0)::numeric AS found
  FROM accounts a FULL JOIN (SELECT owner_id, account_kind, sum(amount_units) AS units FROM ledger_entries
    GROUP BY 1, 2) AS e
    ON e.owner_id = a.owner_id AND e.account_kind = a.kind
  UNION ALL
  SELECT owner_id, 'operation ' || operation_key, 0, sum(amount_units) FROM ledger_entries
    GROUP BY owner_id, operation_key
  UNION ALL
  SELECT coalesce(b.owner_id, h.owner_id), 'held', coalesce(h.rest, 0), coalesce(b.held, 0)
  FROM balances b FULL JOIN (SELECT owner_id, sum(rest) AS rest FROM held GROUP BY 1) AS h ON h.owner_id = b.owner_id
  UNION ALL
  SELECT owner_id, 'budget held ' || scope, held, held_found FROM counted
  UNION ALL
  SELECT owner_id, 'budget spent ' || scope, spent, spent_found FROM counted
  UNION ALL
  SELECT h.owner_id, 'charged to hold ' || h.step_id, coalesce(c.charged, 0), h.spent
  FROM held h LEFT JOIN (SELECT step_id, sum(charged_units) AS charged FROM llm_call_events
    GROUP BY 1) AS c ON c.step_id = h.step_id
  UNION ALL
  SELECT coalesce(b.owner_id, c.owner_id), 'revenue', coalesce(c.metered, 0), coalesce(b.revenue, 0)
  FROM balances b FULL JOIN called c ON c.owner_id = b.owner_id
  UNION ALL
  SELECT coalesce(b.owner_id, c.owner_id), 'waste and variance', coalesce(c.charged - c.metered, 0),
    coalesce(b.platform, 0)
  FROM balances b FULL JOIN called c ON c.owner_id = b.owner_id
  UNION ALL
  SELECT coalesce(g.owner_id, e.owner_id), coalesce('grant:' || g.id, e.operation_key), coalesce(g.units, 0),
    coalesce(e.units, 0)
  FROM grants g FULL JOIN (SELECT owner_id, operation_key, sum(amount_units) AS units FROM ledger_entries
    WHERE reason = 'admin_grant' AND account_kind = 'wallet' GROUP BY 1, 2) AS e ON e.owner_id = g.owner_id
      AND e.operation_key = 'grant:' || g.id
)
SELECT owner_id, what, expected, found FROM compared WHERE expected <> found;
--> statement-breakpoint
GRANT SELECT ON pantheon_money_mismatches TO pantheon_system;
--> statement-breakpoint
-- function: money/prices-are-final.sql
-- A version's prices come in the transaction that makes the version; nobody can add one later.
CREATE OR REPLACE FUNCTION pantheon_prices_are_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM new_prices p JOIN pricing_versions v ON v.id = p.pricing_version
    WHERE NOT v.xmin = pg_current_xact_id()::xid) THEN
    RAISE EXCEPTION 'the prices of a version are final'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'model_prices_final';
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
-- function: money/tell-low-balance.sql
-- The one charge that takes a user's money, holds included, below the figure is told to the endpoints that want it.
-- The caller has locked the money, so no two charges see one crossing.
CREATE OR REPLACE FUNCTION pantheon_tell_low_balance(p_turn turns, p_charged bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  low bigint := pantheon_low_balance_units();
  units bigint;
BEGIN
  SELECT sum(a.balance_units) INTO units FROM accounts a
    WHERE a.owner_id = p_turn.owner_id AND a.kind IN ('wallet', 'held');
  IF units >= low OR units + p_charged < low THEN RETURN; END IF;
  WITH made AS (
    INSERT INTO webhook_deliveries (id, owner_id, endpoint_id, type, data, next_at, created_at, updated_at)
    SELECT pantheon_new_id(), e.owner_id, e.id, 'wallet.low_balance',
      jsonb_build_object('balance', pantheon_credits(units), 'threshold', pantheon_credits(low)), pantheon_now(),
        pantheon_now(), pantheon_now()
    FROM webhook_endpoints e WHERE e.owner_id = p_turn.owner_id AND e.deleted_at IS NULL AND e.status = 'active'
      AND (cardinality(e.events) = 0 OR 'wallet.low_balance' = ANY (e.events))
    RETURNING id
  )
  -- The letter is the turn's, so that a commit sent again finds it among what the turn still has posted.
  INSERT INTO outbox (kind, target_id, turn_id, owner_id, generation, next_at, made_in)
  SELECT 'delivery', m.id, p_turn.id, p_turn.owner_id, 0, pantheon_now() + interval '30 seconds', txid_current()
    FROM made m;
END $$;
--> statement-breakpoint
-- function: outbox/letter.sql
-- An outbox row goes to the queue with ids and figures only.
CREATE OR REPLACE FUNCTION pantheon_letter(o outbox) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT jsonb_build_object('kind', o.kind, 'target', o.target_id, 'turn', o.turn_id,
    'generation', o.generation, 'attempt', o.attempts, 'delay_seconds', o.delay_seconds)
$$;
--> statement-breakpoint
-- function: outbox/post-delivery.sql
-- A delivery that is new or due again gets an outbox row; who commits publishes it, or else the sweep does.
CREATE OR REPLACE FUNCTION pantheon_post_delivery(p_delivery uuid, p_delay_seconds int) RETURNS void LANGUAGE sql AS $$
  INSERT INTO outbox (kind, target_id, turn_id, owner_id, generation, delay_seconds, next_at, made_in)
  SELECT 'delivery', d.id, d.turn_id, d.owner_id, d.attempts, p_delay_seconds,
    pantheon_now() + make_interval(secs => p_delay_seconds + 30), txid_current()
  FROM webhook_deliveries d WHERE d.id = p_delivery
  ON CONFLICT (kind, target_id) DO UPDATE SET generation = excluded.generation, attempts = outbox.attempts + 1,
    delay_seconds = excluded.delay_seconds, next_at = excluded.next_at, made_in = excluded.made_in
$$;
--> statement-breakpoint
-- function: outbox/post-step.sql
-- A step's outbox row is written with the state that wants the message; who commits publishes it, or the sweep does.
CREATE OR REPLACE FUNCTION pantheon_post_step(p_step uuid, p_delay_seconds int) RETURNS void LANGUAGE sql AS $$
  INSERT INTO outbox (kind, target_id, turn_id, owner_id, generation, delay_seconds, next_at, made_in)
  SELECT 'step', s.id, s.turn_id, s.owner_id, s.token, p_delay_seconds,
    pantheon_now() + make_interval(secs => p_delay_seconds + 15), txid_current()
  FROM turn_steps s WHERE s.id = p_step
  ON CONFLICT (kind, target_id) DO UPDATE SET generation = excluded.generation, attempts = outbox.attempts + 1,
    delay_seconds = excluded.delay_seconds, next_at = excluded.next_at, made_in = excluded.made_in
$$;
--> statement-breakpoint
-- function: outbox/posted-here.sql
-- The answer holds the outbox rows that this transaction wrote.
CREATE OR REPLACE FUNCTION pantheon_posted_here() RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT coalesce(jsonb_agg(pantheon_letter(o)), '[]') FROM outbox o WHERE o.made_in = txid_current()
$$;
--> statement-breakpoint
-- function: outbox/still-posted.sql
-- The answer holds the outbox rows of the turn, and of the turn that it may have handed its session on to.
CREATE OR REPLACE FUNCTION pantheon_still_posted(p_turn uuid) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT coalesce(jsonb_agg(pantheon_letter(o)), '[]') FROM outbox o
  WHERE o.turn_id IN (p_turn, (SELECT a.id FROM turns a
    WHERE a.is_active AND a.session_id = (SELECT t.session_id FROM turns t WHERE t.id = p_turn)))
$$;
--> statement-breakpoint
-- function: rooms/check-manager.sql
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
--> statement-breakpoint
-- function: steps/add-steps.sql
-- New steps take the turn's own times; a step that waits for no other is ready.
CREATE OR REPLACE FUNCTION pantheon_add_steps(p_turn turns, p_steps jsonb) RETURNS void LANGUAGE sql AS $$
  INSERT INTO turn_steps (id, owner_id, turn_id, step_index, purpose, agent_key, round, status, waiting_on, unblocks,
    sees, instruction, window_tokens, prompt_bound, hold_units, created_at, updated_at, finished_at)
  SELECT s.id, p_turn.owner_id, p_turn.id, s.step_index, s.purpose, s.agent_key, s.round,
    CASE WHEN p_turn.finished_at IS NOT NULL THEN 'cancelled' WHEN s.waiting_on = 0 THEN 'ready'
    ELSE 'waiting' END, s.waiting_on, s.unblocks, s.sees, s.instruction, s.window_tokens, s.prompt_bound, s.hold_units,
    p_turn.updated_at, p_turn.updated_at, p_turn.finished_at
  FROM jsonb_to_recordset(p_steps) AS s(id uuid, step_index int, purpose text, agent_key text, round int,
    waiting_on int, unblocks int[], sees int[], instruction text, window_tokens int, prompt_bound int,
    hold_units bigint)
$$;
--> statement-breakpoint
-- function: steps/cancel-steps.sql
-- A cancelled call under way keeps its lease until its holder books it or the lease ends.
CREATE OR REPLACE FUNCTION pantheon_cancel_steps(p_turn uuid) RETURNS void LANGUAGE sql AS $$
  UPDATE turn_steps SET status = 'cancelled', finished_at = pantheon_now(), checkpoint = NULL, approvals = NULL,
    lease_until = CASE status WHEN 'running' THEN lease_until END
  WHERE turn_id = p_turn AND status IN ('waiting', 'ready', 'running', 'awaiting')
$$;
--> statement-breakpoint
-- function: steps/claim-step.sql
-- A claim locks the turn, then the step, always in this order; the database's clock decides who may run.
CREATE OR REPLACE FUNCTION pantheon_claim_step(p jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  t turns%ROWTYPE;
  s turn_steps%ROWTYPE;
  now_at timestamptz := pantheon_now();
  v_window jsonb;
BEGIN
  SELECT * INTO t FROM turns WHERE id = (p->>'turn')::uuid FOR NO KEY UPDATE;
  SELECT * INTO s FROM turn_steps WHERE id = (p->>'step')::uuid AND turn_id = t.id FOR NO KEY UPDATE;
  IF s.id IS NULL THEN RETURN jsonb_build_object('kind', 'unknown'); END IF;
  -- A sweep may have written a letter for a step that ended at that moment; its message has now arrived.
  IF s.status IN ('done', 'failed', 'cancelled') THEN
    DELETE FROM outbox WHERE kind = 'step' AND target_id = s.id;
  END IF;
  IF pantheon_is_over(t.status) THEN
    RETURN jsonb_build_object('kind', 'over', 'letters', pantheon_still_posted(t.id));
  END IF;
  IF s.status IN ('done', 'failed', 'cancelled') THEN
    RETURN jsonb_build_object('kind', 'finished', 'letters', pantheon_still_posted(t.id));
  END IF;
  IF s.status IN ('waiting', 'awaiting') OR NOT (t.is_active OR t.mode = 'summary') OR t.status = 'paused' THEN
    RETURN jsonb_build_object('kind', 'not_ready');
  END IF;
  IF greatest(s.lease_until, s.not_before) > now_at THEN
    RETURN jsonb_build_object('kind', 'leased', 'retry_after_seconds',
      ceil(extract(epoch FROM greatest(s.lease_until, s.not_before) - now_at)));
  END IF;
  DELETE FROM outbox WHERE kind = 'step' AND target_id = s.id;
  -- A holder that came to give the step up made no call.
  IF s.status = 'running' AND s.attempts <= (p->>'max_attempts')::int THEN
    PERFORM pantheon_book_lost_attempt(t, s, (p->>'lost_id')::uuid);
    s.lost_attempts := s.lost_attempts + 1;
  END IF;
  UPDATE turn_steps SET status = 'running', token = s.token + 1, attempts = s.attempts + 1,
    lost_attempts = s.lost_attempts, not_before = NULL,
    lease_until = now_at + make_interval(secs => (p->>'lease_seconds')::int),
    started_at = coalesce(s.started_at, now_at)
  WHERE id = s.id;
  IF t.status = 'queued' THEN
    UPDATE turns SET status = 'running', started_at = now_at WHERE id = t.id;
    PERFORM pantheon_emit(t.id, 'turn.started', '{}');
  END IF;
  IF s.started_at IS NULL THEN
    PERFORM pantheon_emit(t.id, 'step.started', jsonb_build_object('step_id', s.id, 'agent_key', s.agent_key,
      'round', s.round, 'purpose', s.purpose));
  END IF;
  IF s.purpose <> 'summarize' THEN
    v_window := pantheon_window(t.session_id, t.turn_index, s.window_tokens, (p->>'recent_turns')::int);
  END IF;
  RETURN jsonb_build_object('kind', 'won', 'letters', pantheon_posted_here(), 'token', s.token + 1,
    'owner_id', t.owner_id, 'session_id', t.session_id, 'turn_index', t.turn_index, 'plan', t.plan,
    'step', jsonb_build_object('id', s.id, 'index', s.step_index, 'agent_key', s.agent_key, 'purpose', s.purpose,
      'round', s.round, 'sees', s.sees, 'instruction', s.instruction, 'waited_seconds', s.waited_seconds,
      'attempts', s.attempts + 1, 'prompt_bound', s.prompt_bound),
    'is_exhausted', s.attempts >= (p->>'max_attempts')::int,
    'checkpoint', s.checkpoint)
    || CASE s.purpose WHEN 'summarize' THEN jsonb_build_object('to_summarise',
      pantheon_to_summarise(t.session_id, (t.plan->'summary'->>'through_turn_index')::int, 4 * s.window_tokens))
    ELSE jsonb_build_object('messages', pantheon_turn_messages(t.id, s.sees),
      'window', v_window,
      'steps', (SELECT jsonb_agg(jsonb_build_object('index', o.step_index, 'purpose', o.purpose,
        'agent_key', o.agent_key, 'round', o.round, 'status', o.status, 'result', o.result) ORDER BY o.step_index)
        FROM turn_steps o WHERE o.turn_id = t.id),
      'toolbox', pantheon_toolbox(t, s, v_window)) END;
END $$;
--> statement-breakpoint
-- function: steps/commit-step.sql
-- A commit is fenced by its claim's token. One sent again after a lost answer finds itself done and changes nothing.
CREATE OR REPLACE FUNCTION pantheon_commit_step(p jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  t turns%ROWTYPE;
  s turn_steps%ROWTYPE;
  v_token int := p->>'token';
  wait_seconds int := p->>'retry_after_seconds';
BEGIN
  SELECT * INTO t FROM turns WHERE id = (p->>'turn')::uuid FOR NO KEY UPDATE;
  SELECT * INTO s FROM turn_steps WHERE id = (p->>'step')::uuid AND turn_id = t.id FOR NO KEY UPDATE;
  IF s.id IS NULL OR s.token <> v_token THEN RETURN jsonb_build_object('kind', 'fenced'); END IF;
  IF s.status = 'cancelled' THEN
    -- Without a lease the attempt is booked already: by this commit, sent before, or as lost.
    IF s.lease_until IS NOT NULL THEN
      UPDATE turn_steps SET lease_until = NULL WHERE id = s.id;
      -- They may have had their effect; the turn's log is closed.
      PERFORM pantheon_record_tool_calls(t, s, v_token, p->'tool_calls');
      PERFORM pantheon_settle(t, s, v_token, p->'calls', true);
    END IF;
    RETURN jsonb_build_object('kind', 'cancelled', 'letters', pantheon_posted_here());
  END IF;
  IF s.status <> 'running' THEN
    RETURN jsonb_build_object('kind', 'already', 'letters', pantheon_still_posted(t.id));
  END IF;
  IF jsonb_typeof(p->'summary') = 'object' THEN
    -- The user may have corrected the register while the model wrote.
    IF pantheon_lock_memory(t.session_id) <> (p->'summary'->>'base_version')::int THEN
      RETURN jsonb_build_object('kind', 'stale', 'to_summarise',
        pantheon_to_summarise(t.session_id, (t.plan->'summary'->>'through_turn_index')::int, 0));
    END IF;
    PERFORM pantheon_write_summary(t.session_id, s.id, p->'summary');
  END IF;
  IF jsonb_typeof(p->'audit') = 'object' THEN
    INSERT INTO turn_context_audit (id, owner_id, turn_id, step_index, agent_key, attempt, audit, created_at)
      VALUES ((p->>'audit_id')::uuid, t.owner_id, t.id, s.step_index, s.agent_key, v_token, p->'audit', pantheon_now())
      ON CONFLICT (turn_id, step_index, attempt) DO NOTHING;
  END IF;
  PERFORM pantheon_record_tool_calls(t, s, v_token, p->'tool_calls');
  PERFORM pantheon_emit_of_step(t, s, (SELECT jsonb_agg(jsonb_build_object('type', 'tool.called',
    'data', jsonb_build_object('call_id', c.call_id, 'tool', c.name, 'status', c.status)) ORDER BY c.ordinal)
    FROM jsonb_to_recordset(p->'tool_calls') AS c(ordinal int, call_id text, name text, status text)));
  IF p->>'outcome' IN ('done', 'failed') THEN
    PERFORM pantheon_end_step(s.id, p, coalesce(jsonb_array_length(p->'next'), 0) > 0);
    PERFORM pantheon_settle(t, s, v_token, p->'calls', true);
    IF jsonb_array_length(p->'next') > 0 THEN PERFORM pantheon_go_on(t.id, p->'next'); END IF;
  ELSIF p->>'outcome' = 'continue' THEN
    -- What was decided goes on with it: some of those calls may still have to be made.
    UPDATE turn_steps SET status = 'ready', checkpoint = p->>'checkpoint', attempts = 0, lease_until = NULL
      WHERE id = s.id;
    PERFORM pantheon_emit_of_step(t, s, p->'events');
    PERFORM pantheon_post_step(s.id, 0);
    PERFORM pantheon_settle(t, s, v_token, p->'calls', false);
  ELSIF p->>'outcome' = 'await' THEN
    UPDATE turn_steps SET status = 'awaiting', checkpoint = p->>'checkpoint', approvals = p->'awaited', attempts = 0,
      lease_until = NULL WHERE id = s.id;
    PERFORM pantheon_emit_of_step(t, s, p->'events');
    PERFORM pantheon_rest(t.id);
    PERFORM pantheon_settle(t, s, v_token, p->'calls', false);
  ELSE
    -- Back to the queue, which brings the same message again; the step's letter is only for the case that it does not,
    -- and stays.
    UPDATE turn_steps SET status = 'ready', checkpoint = coalesce(p->>'checkpoint', checkpoint), lease_until = NULL,
      not_before = pantheon_now() + make_interval(secs => wait_seconds), waited_seconds = waited_seconds + wait_seconds,
      attempts = CASE WHEN (p->>'is_fault')::boolean THEN attempts ELSE attempts - 1 END
    WHERE id = s.id;
    PERFORM pantheon_post_step(s.id, wait_seconds + 30);
    PERFORM pantheon_settle(t, s, v_token, p->'calls', false);
    RETURN jsonb_build_object('kind', 'committed', 'letters',
      (SELECT coalesce(jsonb_agg(pantheon_letter(o)), '[]') FROM outbox o
        WHERE o.made_in = txid_current() AND o.target_id <> s.id));
  END IF;
  RETURN jsonb_build_object('kind', 'committed', 'letters', pantheon_posted_here());
END $$;
--> statement-breakpoint
-- function: steps/decide.sql
-- Decisions on tool calls are taken all or none. A step whose calls are all decided on may go on, and its turn with it.
CREATE OR REPLACE FUNCTION pantheon_decide(p_turn uuid, p_decisions jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  before text;
  unknown text;
  is_moving boolean;
BEGIN
  SELECT t.status INTO before FROM turns t JOIN sessions s ON s.id = t.session_id
    WHERE t.id = p_turn AND s.deleted_at IS NULL FOR NO KEY UPDATE OF t;
  IF before IS NULL THEN RETURN jsonb_build_object('kind', 'missing'); END IF;
  SELECT d.id INTO unknown FROM jsonb_to_recordset(p_decisions) AS d(id text, decision text)
    WHERE NOT EXISTS (SELECT 1 FROM turn_steps s CROSS JOIN jsonb_array_elements(s.approvals) AS c
      WHERE s.turn_id = p_turn AND s.status = 'awaiting' AND c->>'id' = d.id
        AND coalesce(c->>'decision', d.decision) = d.decision) LIMIT 1;
  IF unknown IS NOT NULL THEN RETURN jsonb_build_object('kind', 'unknown', 'id', unknown); END IF;
  UPDATE turn_steps s SET approvals = (
      SELECT jsonb_agg(c || CASE WHEN d.id IS NULL THEN '{}'::jsonb ELSE jsonb_build_object('decision', d.decision) END)
      FROM jsonb_array_elements(s.approvals) AS c
        LEFT JOIN jsonb_to_recordset(p_decisions) AS d(id text, decision text) ON d.id = c->>'id')
    WHERE s.turn_id = p_turn AND s.status = 'awaiting';
  UPDATE turn_steps s SET status = 'ready' WHERE s.turn_id = p_turn AND s.status = 'awaiting'
    AND NOT EXISTS (SELECT 1 FROM jsonb_array_elements(s.approvals) AS c WHERE c->>'decision' IS NULL);
  is_moving := FOUND;
  PERFORM pantheon_post_step(s.id, 0) FROM turn_steps s
    WHERE s.turn_id = p_turn AND s.status = 'ready' AND s.approvals IS NOT NULL;
  IF before = 'paused' AND is_moving THEN
    UPDATE turns SET status = 'running', pause = NULL WHERE id = p_turn;
    PERFORM pantheon_emit(p_turn, 'turn.resumed', jsonb_build_object('status', 'running'));
  ELSIF before = 'paused' THEN
    UPDATE turns t SET pause = t.pause || jsonb_build_object('approvals',
      (SELECT jsonb_agg(a) FROM jsonb_array_elements(t.pause->'approvals') AS a
      WHERE NOT EXISTS (SELECT 1 FROM jsonb_to_recordset(p_decisions) AS d(id text) WHERE d.id = a->>'id')))
        WHERE t.id = p_turn;
  END IF;
  RETURN jsonb_build_object('kind', 'decided', 'letters', pantheon_posted_here());
END $$;
--> statement-breakpoint
-- function: turns/emit.sql
-- Events of a turn are numbered without gap or double: the update locks the turn's row.
-- The event's deliveries are written with it.
CREATE OR REPLACE FUNCTION pantheon_emit(p_turn uuid, p_type text, p_data jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  t turns%ROWTYPE;
BEGIN
  UPDATE turns SET last_seq = last_seq + 1 WHERE id = p_turn RETURNING * INTO t;
  INSERT INTO turn_events (turn_id, seq, owner_id, type, data, created_at)
    VALUES (p_turn, t.last_seq, t.owner_id, p_type, p_data, pantheon_now());
  PERFORM pantheon_deliver_event(t, p_type);
END $$;
--> statement-breakpoint
-- function: steps/emit-of-step.sql
-- Events of a step carry the step and its speaker.
CREATE OR REPLACE FUNCTION pantheon_emit_of_step(p_turn turns, p_step turn_steps, p_events jsonb) RETURNS void
LANGUAGE sql AS $$
  SELECT pantheon_emit(p_turn.id, e.type, jsonb_build_object('step_id', p_step.id, 'agent_key', p_step.agent_key,
    'round', p_step.round, 'agent_name', (SELECT a->>'name' FROM jsonb_array_elements(p_turn.plan->'agents') AS a
    WHERE a->>'key' = p_step.agent_key)) || e.data)
  FROM jsonb_to_recordset(p_events) AS e(type text, data jsonb)
$$;
--> statement-breakpoint
-- function: steps/end-step.sql
-- A step's end, whoever decides it, lets go those that waited for it; the last one closes the turn unless it goes on.
-- Counters are read from the rows as updated here, so siblings that end together cannot both miss the join.
CREATE OR REPLACE FUNCTION pantheon_end_step(p_step uuid, p jsonb, p_goes_on boolean) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  ended turn_steps%ROWTYPE;
  of_turn turns%ROWTYPE;
  spoken jsonb;
  v_error jsonb := nullif(p->'error', 'null'::jsonb);
  is_done boolean := p->>'outcome' = 'done';
  goes_on boolean;
BEGIN
  UPDATE turn_steps SET status = p->>'outcome', error = v_error, result = nullif(p->'result', 'null'::jsonb),
    finished_at = pantheon_now(), lease_until = NULL, checkpoint = NULL, approvals = NULL,
    -- The claim that gave the step up was no attempt of the agent.
    attempts = attempts - (coalesce(v_error->>'type' = 'attempts_exhausted', false))::int,
    flags = coalesce(ARRAY(SELECT jsonb_array_elements_text(p->'flags')), '{}')
  WHERE id = p_step RETURNING * INTO ended;
  UPDATE turns SET pending_steps = pending_steps - 1, failed_steps = failed_steps + (NOT is_done)::int
  WHERE id = ended.turn_id RETURNING * INTO of_turn;
  SELECT jsonb_build_object('step_id', ended.id, 'agent_key', ended.agent_key, 'agent_name', a->>'name',
    'round', ended.round) INTO spoken
  FROM jsonb_array_elements(of_turn.plan->'agents') AS a WHERE a->>'key' = ended.agent_key;
  IF jsonb_typeof(p->'message') = 'object' THEN
    INSERT INTO messages (id, owner_id, session_id, turn_id, turn_index, position, author, agent_key, agent_name,
      error_type, text, tokens, token_class, created_at)
    VALUES ((p->'message'->>'id')::uuid, of_turn.owner_id, of_turn.session_id, of_turn.id, of_turn.turn_index,
      ended.step_index + 1, CASE WHEN is_done THEN 'agent' ELSE 'failed_agent' END, ended.agent_key,
      spoken->>'agent_name', v_error->>'type',
      p->'message'->>'text', (p->'message'->>'tokens')::int, p->'message'->>'token_class', pantheon_now());
  END IF;
  IF NOT is_done THEN
    PERFORM pantheon_emit(of_turn.id, 'step.failed', spoken || jsonb_build_object('error', v_error));
  ELSIF jsonb_typeof(p->'message') = 'object' THEN
    PERFORM pantheon_emit(of_turn.id, 'message.completed', spoken
      || jsonb_build_object('message_id', p->'message'->>'id', 'text', p->'message'->>'text'));
  END IF;
  PERFORM pantheon_emit(of_turn.id, e.type, spoken || e.data)
    FROM jsonb_to_recordset(p->'events') AS e(type text, data jsonb);
  UPDATE turn_steps SET waiting_on = waiting_on - 1
    WHERE turn_id = of_turn.id AND step_index = ANY (ended.unblocks) AND status = 'waiting';
  UPDATE turn_steps SET status = 'ready' WHERE turn_id = of_turn.id AND status = 'waiting' AND waiting_on = 0;
  PERFORM pantheon_post_step(s.id, 0) FROM turn_steps s
    WHERE s.turn_id = of_turn.id AND s.status = 'ready' AND s.step_index = ANY (ended.unblocks);
  PERFORM pantheon_rest(of_turn.id);
  -- What follows may need words of earlier steps.
  goes_on := p_goes_on AND (coalesce(jsonb_array_length(p->'next_needs'), 0) = 0
    OR EXISTS (SELECT FROM messages m
      WHERE m.turn_id = of_turn.id AND m.author = 'agent' AND p->'next_needs' @> to_jsonb(m.position - 1)));
  IF of_turn.pending_steps = 0 AND NOT goes_on THEN
    -- What a manager or a summary did makes no turn partial in which every agent failed.
    PERFORM pantheon_close_turn(of_turn.id,
      CASE WHEN of_turn.failed_steps = 0 THEN 'completed'
        WHEN EXISTS (SELECT FROM turn_steps s
          WHERE s.turn_id = of_turn.id AND s.purpose = 'agent' AND s.status = 'done') THEN 'partial'
        ELSE 'failed' END,
      true);
    IF jsonb_typeof(p->'after') = 'object' THEN PERFORM pantheon_begin_summary(of_turn.session_id, p->'after'); END IF;
  END IF;
END $$;
--> statement-breakpoint
-- function: steps/record-tool-calls.sql
-- Every tool call of an attempt gets one row.
CREATE OR REPLACE FUNCTION pantheon_record_tool_calls(p_turn turns, p_step turn_steps, p_token int, p_calls jsonb)
RETURNS void LANGUAGE sql AS $$
  INSERT INTO tool_calls (id, owner_id, turn_id, step_id, attempt, ordinal, agent_key, call_id, name, arguments, status,
    result_bytes, latency_ms, created_at)
  SELECT c.id, p_turn.owner_id, p_turn.id, p_step.id, p_token, c.ordinal, p_step.agent_key, c.call_id, c.name,
    c.arguments, c.status, c.result_bytes, c.latency_ms, pantheon_now()
  FROM jsonb_to_recordset(p_calls) AS c(id uuid, ordinal int, call_id text, name text, arguments text, status text,
    result_bytes int, latency_ms int)
$$;
--> statement-breakpoint
-- function: steps/rest.sql
-- A turn in which nothing can move before a person decides is paused, and says what it waits for.
CREATE OR REPLACE FUNCTION pantheon_rest(p_turn uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  asked jsonb;
BEGIN
  IF EXISTS (SELECT 1 FROM turn_steps s WHERE s.turn_id = p_turn AND s.status IN ('ready', 'running')) THEN
    RETURN;
  END IF;
  SELECT jsonb_build_object('code', 'approval_required', 'approvals',
    jsonb_agg(jsonb_build_object('step_id', s.id, 'agent_key', s.agent_key, 'id', c->>'id', 'tool', c->>'tool',
    'arguments', c->'arguments') ORDER BY s.step_index)) INTO asked
  FROM turn_steps s CROSS JOIN jsonb_array_elements(s.approvals) AS c
  WHERE s.turn_id = p_turn AND s.status = 'awaiting' AND c->>'decision' IS NULL HAVING count(*) > 0;
  IF asked IS NULL THEN RETURN; END IF;
  UPDATE turns SET status = 'paused', pause = asked WHERE id = p_turn AND status = 'running';
  IF FOUND THEN
    PERFORM pantheon_emit(p_turn, 'turn.paused', jsonb_build_object('status', 'paused', 'pause', asked));
  END IF;
END $$;
--> statement-breakpoint
-- function: steps/toolbox.sql
-- An agent with tools gets the servers it may call, the register's entries and the turn's time; others get null.
CREATE OR REPLACE FUNCTION pantheon_toolbox(p_turn turns, p_step turn_steps, p_window jsonb) RETURNS jsonb
LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object('decisions', coalesce(p_step.approvals, '[]'),
    'began_at', to_char(p_turn.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
    'servers', (SELECT coalesce(jsonb_agg(jsonb_build_object('name', v.name, 'url', v.url,
        'authorization', v.authorization, 'requires_approval', v.requires_approval) ORDER BY v.name), '[]')
      FROM tool_servers v WHERE v.room_id = p_turn.room_id AND v.deleted_at IS NULL
        AND EXISTS (SELECT 1 FROM jsonb_array_elements_text(a->'tools') AS n
          WHERE starts_with(lower(n), lower(v.name) || '/'))),
    'entries', CASE WHEN a->'tools' @> '["search_memory"]' THEN (
      SELECT coalesce(jsonb_agg(jsonb_build_object('kind', e.kind, 'text', e.text, 'author_key', e.author_key)
        ORDER BY e.id), '[]')
      FROM (
        SELECT r.id, r.kind, r.text, r.author_key FROM register_entries r
        WHERE r.session_id = p_turn.session_id AND r.status <> 'superseded'
        ORDER BY r.id DESC LIMIT 500) AS e) ELSE '[]' END,
    'earlier', CASE WHEN a->'tools' @> '["search_memory"]'
      THEN pantheon_earlier_messages(p_turn.session_id, (p_window->>'reads_from_turn_index')::int, p_step.agent_key)
      ELSE '[]' END)
  FROM jsonb_array_elements(p_turn.plan->'agents') AS a
  WHERE p_step.purpose = 'agent' AND a->>'key' = p_step.agent_key AND jsonb_array_length(coalesce(a->'tools', '[]')) > 0
$$;
--> statement-breakpoint
-- function: sweep/book-unheard.sql
-- A cancelled call whose holder never came back is booked as lost, and its hold is released.
CREATE OR REPLACE FUNCTION pantheon_book_unheard(p_limit int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  unheard record;
  t turns%ROWTYPE;
  s turn_steps%ROWTYPE;
BEGIN
  -- By owner, so that two sweeps lock the money of several in one order.
  FOR unheard IN SELECT u.turn_id, u.id FROM (SELECT owner_id, turn_id, id FROM turn_steps
    WHERE status = 'cancelled' AND lease_until IS NOT NULL AND lease_until < pantheon_now() ORDER BY lease_until, id
      LIMIT p_limit) AS u
    ORDER BY u.owner_id, u.turn_id, u.id
  LOOP
    SELECT * INTO t FROM turns WHERE id = unheard.turn_id FOR NO KEY UPDATE SKIP LOCKED;
    CONTINUE WHEN NOT FOUND;
    SELECT * INTO s FROM turn_steps WHERE id = unheard.id AND lease_until IS NOT NULL FOR NO KEY UPDATE;
    CONTINUE WHEN NOT FOUND;
    PERFORM pantheon_book_lost_attempt(t, s, gen_random_uuid());
    UPDATE turn_steps SET lease_until = NULL, lost_attempts = lost_attempts + 1 WHERE id = s.id;
    PERFORM pantheon_release(t.id);
  END LOOP;
END $$;
--> statement-breakpoint
-- function: sweep/sweep.sql
-- A sweep may run at any moment, twice at once: rows that another holds are skipped. A step whose holder is gone
-- gets an outbox row again; due rows are handed out with a growing pause, steps first and owners in turn.
CREATE OR REPLACE FUNCTION pantheon_sweep(p_limit int) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  due jsonb;
BEGIN
  PERFORM pantheon_book_unheard(p_limit);
  INSERT INTO outbox (kind, target_id, turn_id, owner_id, generation, next_at, made_in)
  SELECT 'step', s.id, s.turn_id, s.owner_id, s.token, pantheon_now(), txid_current()
  FROM turn_steps s WHERE s.status = 'running' AND s.lease_until < pantheon_now()
    AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.kind = 'step' AND o.target_id = s.id)
  ORDER BY s.lease_until, s.id LIMIT p_limit
  ON CONFLICT (kind, target_id) DO NOTHING;
  WITH oldest AS (
    (SELECT o.kind, o.target_id, o.owner_id, o.next_at FROM outbox o
      WHERE o.kind = 'step' AND o.next_at <= pantheon_now() ORDER BY o.next_at LIMIT p_limit * 20)
    UNION ALL
    (SELECT o.kind, o.target_id, o.owner_id, o.next_at FROM outbox o
      WHERE o.kind = 'delivery' AND o.next_at <= pantheon_now() ORDER BY o.next_at LIMIT p_limit * 20)
  ), ranked AS (
    SELECT kind, target_id, next_at, row_number() OVER (PARTITION BY kind, owner_id
      ORDER BY next_at, target_id) AS place FROM oldest
  ), taken AS (
    SELECT o.kind, o.target_id FROM outbox o JOIN ranked r ON r.kind = o.kind AND r.target_id = o.target_id
    WHERE o.next_at <= pantheon_now()
    ORDER BY r.kind <> 'step', r.place, r.next_at, r.target_id LIMIT p_limit FOR UPDATE OF o SKIP LOCKED
  ), sent AS (
    UPDATE outbox o SET attempts = o.attempts + 1, delay_seconds = 0,
      next_at = pantheon_now() + make_interval(secs => least(600, 15 * power(2, least(o.attempts, 6))::int))
    FROM taken WHERE o.kind = taken.kind AND o.target_id = taken.target_id RETURNING pantheon_letter(o) AS letter
  )
  SELECT coalesce(jsonb_agg(letter), '[]') INTO due FROM sent;
  DELETE FROM idempotency_keys WHERE (owner_id, key) IN (
    SELECT owner_id, key FROM idempotency_keys WHERE expires_at <= pantheon_now() LIMIT p_limit FOR UPDATE SKIP LOCKED);
  RETURN due;
END $$;
--> statement-breakpoint
-- function: turns/activate-next.sql
-- The session goes to the turn that waited longest. A turn that was cancelled while this waited for its lock
-- is passed over.
CREATE OR REPLACE FUNCTION pantheon_activate_next(p_session uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  next_turn uuid;
BEGIN
  LOOP
    SELECT id INTO next_turn FROM turns WHERE session_id = p_session AND status = 'queued' AND NOT is_active
      AND turn_index > 0
      ORDER BY turn_index LIMIT 1 FOR NO KEY UPDATE;
    EXIT WHEN next_turn IS NOT NULL OR NOT EXISTS (
      SELECT 1 FROM turns WHERE session_id = p_session AND status = 'queued' AND NOT is_active AND turn_index > 0);
  END LOOP;
  IF next_turn IS NULL THEN RETURN; END IF;
  UPDATE turns SET is_active = true WHERE id = next_turn;
  PERFORM pantheon_post_step(s.id, 0) FROM turn_steps s WHERE s.turn_id = next_turn AND s.status = 'ready';
END $$;
--> statement-breakpoint
-- function: turns/cancel-turn.sql
-- A cancelled turn is over at once; a call under way finds out when it commits. The answer is the status before.
CREATE OR REPLACE FUNCTION pantheon_cancel_turn(p_turn uuid, p_hands_on boolean) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  before text;
BEGIN
  SELECT status INTO before FROM turns WHERE id = p_turn FOR NO KEY UPDATE;
  IF before IS NULL OR pantheon_is_over(before) THEN RETURN before; END IF;
  PERFORM pantheon_cancel_steps(p_turn);
  PERFORM pantheon_close_turn(p_turn, 'cancelled', p_hands_on);
  PERFORM pantheon_release(p_turn);
  RETURN before;
END $$;
--> statement-breakpoint
-- function: turns/cancel-turns-of.sql
-- The open turns of sessions that are deleted are cancelled in the same transaction.
CREATE OR REPLACE FUNCTION pantheon_cancel_turns_of(p_sessions uuid[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  open_turn uuid;
BEGIN
  -- All of them are locked before the first one's money is.
  PERFORM 1 FROM turns WHERE session_id = ANY (p_sessions) AND NOT pantheon_is_over(status) ORDER BY id
    FOR NO KEY UPDATE;
  FOR open_turn IN SELECT id FROM turns
    WHERE session_id = ANY (p_sessions) AND NOT pantheon_is_over(status) ORDER BY id
  LOOP
    PERFORM pantheon_cancel_turn(open_turn, false);
  END LOOP;
END $$;
--> statement-breakpoint
-- function: turns/close-turn.sql
-- A turn that ends hands the session on only if it holds it, and one that fails says why.
-- The caller has locked the turn.
CREATE OR REPLACE FUNCTION pantheon_close_turn(p_turn uuid, p_status text, p_hands_on boolean) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  t turns%ROWTYPE;
BEGIN
  SELECT * INTO t FROM turns WHERE id = p_turn;
  IF p_status = 'failed' AND jsonb_typeof(t.error) IS DISTINCT FROM 'object' THEN
    t.error := pantheon_failure_of(p_turn);
  END IF;
  UPDATE turns SET status = p_status, error = t.error, is_active = false, pause = NULL, pending_steps = 0,
    finished_at = pantheon_now() WHERE id = p_turn;
  DELETE FROM outbox WHERE turn_id = p_turn AND kind = 'step';
  PERFORM pantheon_emit(p_turn, 'turn.' || p_status, jsonb_build_object('status', p_status)
    || CASE jsonb_typeof(t.error) WHEN 'object' THEN jsonb_build_object('error', t.error) ELSE '{}' END);
  IF p_hands_on AND t.is_active THEN PERFORM pantheon_activate_next(t.session_id); END IF;
END $$;
--> statement-breakpoint
-- function: turns/create-turn.sql
-- A new turn is written whole or not at all: session, limits, place, plan, first message, steps, audit, log, holds,
-- outbox and kept answer.
CREATE OR REPLACE FUNCTION pantheon_create_turn(p jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  v_session sessions%ROWTYPE;
  v_turn turns%ROWTYPE;
  active uuid;
  slot jsonb;
  refusal jsonb;
  v_callback uuid;
  interrupted jsonb := '[]';
  refused_with text;
  is_refused boolean := p->>'status' = 'failed';
BEGIN
  SELECT * INTO v_session FROM sessions WHERE id = (p->>'session_id')::uuid AND deleted_at IS NULL FOR NO KEY UPDATE;
  IF NOT FOUND THEN RETURN jsonb_build_object('kind', 'missing'); END IF;
  IF p->>'callback_url' IS NOT NULL THEN
    SELECT e.id INTO v_callback FROM webhook_endpoints e
      WHERE e.owner_id = v_session.owner_id AND e.deleted_at IS NULL AND e.status = 'active'
        AND starts_with(e.url || '/', (p->>'callback_origin') || '/') ORDER BY e.id LIMIT 1;
    IF NOT FOUND THEN RETURN jsonb_build_object('kind', 'no_endpoint'); END IF;
  END IF;
  active := pantheon_lock_active_turn(v_session.id);
  IF active IS NOT NULL AND p->>'on_busy' = 'reject' THEN
    RETURN jsonb_build_object('kind', 'busy', 'turn_id', active);
  END IF;
  slot := pantheon_take_turn_slot((p->>'per_minute')::int, (p->>'per_hour')::int);
  IF NOT (slot->>'is_free')::boolean THEN RETURN jsonb_build_object('kind', 'rate_limited', 'slot', slot); END IF;
  IF active IS NOT NULL AND p->>'on_busy' = 'interrupt' AND NOT is_refused THEN
    PERFORM pantheon_cancel_turn(active, false);
    interrupted := jsonb_build_array(active);
    active := NULL;
  END IF;
  UPDATE sessions SET turn_count = turn_count + 1 WHERE id = v_session.id RETURNING * INTO v_session;
  INSERT INTO turns (id, owner_id, room_id, session_id, turn_index, status, is_active, mode, rounds, plan, metadata,
    budget_units, callback_url, callback_endpoint_id, error, pending_steps, total_steps, created_at, updated_at,
    finished_at)
  VALUES ((p->>'id')::uuid, v_session.owner_id, v_session.room_id, v_session.id, v_session.turn_count, p->>'status',
    active IS NULL AND NOT is_refused, p->>'mode', (p->>'rounds')::int, p->'plan', p->'metadata',
    (p->>'budget_units')::bigint, p->>'callback_url', v_callback, p->'error',
    CASE WHEN is_refused THEN 0 ELSE jsonb_array_length(p->'steps') END,
    jsonb_array_length(p->'steps'), (p->>'created_at')::timestamptz, (p->>'created_at')::timestamptz,
    CASE WHEN is_refused THEN (p->>'created_at')::timestamptz END)
  RETURNING * INTO v_turn;
  INSERT INTO messages (id, owner_id, session_id, turn_id, turn_index, position, author, text, tokens, token_class,
    is_in_history, created_at)
  VALUES ((p->'message'->>'id')::uuid, v_session.owner_id, v_session.id, v_turn.id, v_session.turn_count, 0, 'user',
    p->'message'->>'text', (p->'message'->>'tokens')::int, p->'message'->>'token_class', NOT is_refused,
      (p->>'created_at')::timestamptz);
  PERFORM pantheon_add_steps(v_turn, p->'steps');
  INSERT INTO turn_context_audit (id, owner_id, turn_id, step_index, agent_key, attempt, audit, created_at)
  SELECT a.id, v_session.owner_id, v_turn.id, a.step_index, a.agent_key, 0, a.audit, (p->>'created_at')::timestamptz
  FROM jsonb_to_recordset(p->'audits') AS a(id uuid, step_index int, agent_key text, audit jsonb);
  PERFORM pantheon_emit(v_turn.id, 'turn.created',
    jsonb_build_object('session_id', v_session.id, 'turn_index', v_session.turn_count, 'mode', p->>'mode'));
  IF is_refused THEN
    PERFORM pantheon_emit(v_turn.id, 'turn.failed', jsonb_build_object('status', 'failed', 'error', p->'error'));
  END IF;
  refusal := pantheon_try_hold(v_turn.id);
  IF refusal IS NOT NULL THEN
    RAISE EXCEPTION 'the turn cannot be paid for' USING ERRCODE = 'PT402', DETAIL = refusal::text;
  END IF;
  IF active IS NULL AND NOT is_refused THEN
    PERFORM pantheon_post_step(s.id, 0) FROM turn_steps s WHERE s.turn_id = v_turn.id AND s.status = 'ready';
  END IF;
  IF p->'reply' <> 'null'::jsonb THEN
    INSERT INTO idempotency_keys (owner_id, key, fingerprint, status, headers, body, expires_at)
    VALUES (v_session.owner_id, p->'reply'->>'key', p->'reply'->>'fingerprint', (p->'reply'->>'status')::int,
      p->'reply'->'headers', (p->'reply'->>'body_before_index') || v_session.turn_count
      || (p->'reply'->>'body_after_index'), (p->'reply'->>'expires_at')::timestamptz);
  END IF;
  RETURN jsonb_build_object('kind', 'created', 'turn_index', v_session.turn_count, 'interrupted', interrupted,
    'slot', slot, 'letters', pantheon_posted_here());
EXCEPTION WHEN SQLSTATE 'PT402' THEN
  -- All of it is undone, an interrupted turn and the counted slot too.
  GET STACKED DIAGNOSTICS refused_with = PG_EXCEPTION_DETAIL;
  RETURN jsonb_build_object('kind', 'unaffordable', 'refusal', refused_with::jsonb);
END $$;
--> statement-breakpoint
-- function: turns/fail-turn.sql
-- A message that no delivery can ever carry out ends its turn, if there is one, and says why.
CREATE OR REPLACE FUNCTION pantheon_fail_turn(p_turn uuid, p_error jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  before text;
BEGIN
  SELECT status INTO before FROM turns WHERE id = p_turn FOR NO KEY UPDATE;
  IF before IS NULL OR pantheon_is_over(before) THEN RETURN '[]'; END IF;
  UPDATE turns SET error = p_error WHERE id = p_turn;
  PERFORM pantheon_cancel_steps(p_turn);
  PERFORM pantheon_close_turn(p_turn, 'failed', true);
  PERFORM pantheon_release(p_turn);
  RETURN pantheon_posted_here();
END $$;
--> statement-breakpoint
-- function: turns/failure-of.sql
-- A failed turn's error is that of its first failed agent and, where several failed, how many.
-- The message has at most 500 characters.
CREATE OR REPLACE FUNCTION pantheon_failure_of(p_turn uuid) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object('type', f.type,
    'message', CASE WHEN length(f.told) > 500 THEN left(f.told, 499) || '…' ELSE f.told END)
  FROM (
    SELECT s.error->>'type' AS type, CASE WHEN a.agents > 1
      THEN format('All %s agents failed; %s: %s', a.agents, s.agent_key, s.error->>'message')
        ELSE s.error->>'message' END AS told
    FROM turn_steps s CROSS JOIN (SELECT count(DISTINCT o.agent_key) AS agents FROM turn_steps o
      WHERE o.turn_id = p_turn AND o.status = 'failed' AND o.purpose = 'agent') AS a
    WHERE s.turn_id = p_turn AND s.status = 'failed' ORDER BY s.purpose <> 'agent', s.step_index LIMIT 1
  ) AS f
$$;
--> statement-breakpoint
-- function: turns/go-on.sql
-- Steps planned on the way begin once all steps before them have ended, unless the turn ended with those.
-- A turn that cannot hold for them pauses.
CREATE OR REPLACE FUNCTION pantheon_go_on(p_turn uuid, p_next jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  t turns%ROWTYPE;
  refusal jsonb;
BEGIN
  UPDATE turns SET pending_steps = jsonb_array_length(p_next), total_steps = total_steps + jsonb_array_length(p_next)
    WHERE id = p_turn AND pending_steps = 0 AND NOT pantheon_is_over(status) RETURNING * INTO t;
  IF NOT FOUND THEN RETURN; END IF;
  PERFORM pantheon_add_steps(t, p_next);
  refusal := pantheon_try_hold(p_turn);
  IF refusal IS NULL THEN
    PERFORM pantheon_post_step(s.id, 0) FROM turn_steps s WHERE s.turn_id = p_turn AND s.status = 'ready';
  ELSE
    UPDATE turns SET status = 'paused', pause = refusal WHERE id = p_turn;
    PERFORM pantheon_emit(p_turn, 'turn.paused', jsonb_build_object('status', 'paused', 'pause', refusal));
  END IF;
END $$;
--> statement-breakpoint
-- function: turns/is-over.sql
-- A turn in one of these states never changes again.
CREATE OR REPLACE FUNCTION pantheon_is_over(p_status text) RETURNS boolean LANGUAGE sql IMMUTABLE
AS $$ SELECT p_status IN ('completed', 'partial', 'failed', 'cancelled') $$;
--> statement-breakpoint
-- function: turns/lock-active-turn.sql
-- The turn that holds the session comes back locked; null when none holds it.
-- A turn that ended while this waited for its lock is passed over.
CREATE OR REPLACE FUNCTION pantheon_lock_active_turn(p_session uuid) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
  active uuid;
BEGIN
  LOOP
    SELECT id INTO active FROM turns WHERE session_id = p_session AND is_active FOR NO KEY UPDATE;
    IF active IS NOT NULL OR NOT EXISTS (SELECT 1 FROM turns WHERE session_id = p_session AND is_active) THEN
      RETURN active;
    END IF;
  END LOOP;
END $$;
--> statement-breakpoint
-- function: turns/replies-to-come.sql
-- Replies that open turns of the session may still add are counted from the one that holds it and those that wait,
-- each found by an index that holds only such turns.
CREATE OR REPLACE FUNCTION pantheon_replies_to_come(p_session uuid) RETURNS int LANGUAGE sql STABLE AS $$
  SELECT coalesce(sum(greatest(0, coalesce((t.plan->>'most_replies')::int, t.total_steps)
    - (SELECT count(*) FROM messages m WHERE m.turn_id = t.id AND m.position > 0))), 0)::int
  FROM (SELECT a.id, a.plan, a.total_steps FROM turns a WHERE a.session_id = p_session AND a.is_active
    UNION ALL SELECT q.id, q.plan, q.total_steps FROM turns q
      WHERE q.session_id = p_session AND q.status = 'queued' AND NOT q.is_active) AS t
$$;
--> statement-breakpoint
-- function: turns/resume-turn.sql
-- A paused turn goes on where it stopped, once its planned steps can be held for. A given budget replaces the turn's.
CREATE OR REPLACE FUNCTION pantheon_resume_turn(p_turn uuid, p_budget_units bigint) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  before text;
  refusal jsonb;
  refused_with text;
BEGIN
  SELECT status INTO before FROM turns WHERE id = p_turn FOR NO KEY UPDATE;
  IF before IS NULL THEN RETURN jsonb_build_object('kind', 'missing'); END IF;
  IF before <> 'paused' THEN RETURN jsonb_build_object('kind', 'not_paused', 'status', before); END IF;
  -- What waits for a decision is not a matter of money.
  IF (SELECT pause->>'code' FROM turns WHERE id = p_turn) = 'approval_required' THEN
    RETURN jsonb_build_object('kind', 'awaiting_approval');
  END IF;
  UPDATE turns SET status = 'running', pause = NULL, budget_units = coalesce(p_budget_units, budget_units)
    WHERE id = p_turn;
  refusal := pantheon_try_hold(p_turn);
  IF refusal IS NOT NULL THEN
    RAISE EXCEPTION 'the turn cannot be paid for' USING ERRCODE = 'PT402', DETAIL = refusal::text;
  END IF;
  PERFORM pantheon_emit(p_turn, 'turn.resumed', jsonb_build_object('status', 'running'));
  PERFORM pantheon_post_step(s.id, 0) FROM turn_steps s WHERE s.turn_id = p_turn AND s.status = 'ready';
  RETURN jsonb_build_object('kind', 'resumed', 'letters', pantheon_posted_here());
EXCEPTION WHEN SQLSTATE 'PT402' THEN
  GET STACKED DIAGNOSTICS refused_with = PG_EXCEPTION_DETAIL;
  RETURN jsonb_build_object('kind', 'unaffordable', 'refusal', refused_with::jsonb);
END $$;
--> statement-breakpoint
-- function: turns/stuck-turns.sql
-- A turn that nothing will wake shows up here: no step has an outbox row or runs, or no turn holds its session.
-- A delivery wakes no turn, and a summary waits for no other turn.
CREATE OR REPLACE VIEW stuck_turns WITH (security_invoker = true) AS
  SELECT t.id, t.session_id, t.status, t.updated_at FROM turns t
  WHERE (t.is_active OR t.mode = 'summary') AND t.status IN ('queued', 'running')
    AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.turn_id = t.id AND o.kind = 'step')
    AND NOT EXISTS (SELECT 1 FROM turn_steps s WHERE s.turn_id = t.id AND s.status = 'running')
  UNION ALL
  SELECT t.id, t.session_id, t.status, t.updated_at FROM turns t
  WHERE t.status = 'queued' AND NOT t.is_active AND t.mode <> 'summary'
    AND NOT EXISTS (SELECT 1 FROM turns a WHERE a.session_id = t.session_id AND a.is_active);
--> statement-breakpoint
GRANT SELECT ON stuck_turns TO pantheon_system;
--> statement-breakpoint
-- function: turns/take-turn-slot.sql
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
--> statement-breakpoint
-- function: webhooks/claim-delivery.sql
-- An attempt is leased by the delivery's own time, and gets its address, its secrets and the event as it is in the log.
CREATE OR REPLACE FUNCTION pantheon_claim_delivery(p jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  d webhook_deliveries%ROWTYPE;
  e webhook_endpoints%ROWTYPE;
  now_at timestamptz := pantheon_now();
BEGIN
  SELECT * INTO d FROM webhook_deliveries WHERE id = (p->>'delivery')::uuid FOR NO KEY UPDATE;
  IF NOT FOUND THEN RETURN jsonb_build_object('kind', 'unknown'); END IF;
  IF d.status <> 'pending' THEN
    DELETE FROM outbox WHERE kind = 'delivery' AND target_id = d.id;
    RETURN jsonb_build_object('kind', 'over');
  END IF;
  IF d.next_at > now_at THEN
    RETURN jsonb_build_object('kind', 'leased', 'retry_after_seconds', ceil(extract(epoch FROM d.next_at - now_at)));
  END IF;
  SELECT * INTO e FROM webhook_endpoints WHERE id = d.endpoint_id;
  IF e.deleted_at IS NOT NULL OR e.status <> 'active' THEN
    UPDATE webhook_deliveries SET status = 'failed', next_at = NULL, finished_at = now_at WHERE id = d.id;
    DELETE FROM outbox WHERE kind = 'delivery' AND target_id = d.id;
    RETURN jsonb_build_object('kind', 'over');
  END IF;
  UPDATE webhook_deliveries SET attempts = d.attempts + 1,
    next_at = now_at + make_interval(secs => (p->>'lease_seconds')::int) WHERE id = d.id
    RETURNING * INTO d;
  PERFORM pantheon_post_delivery(d.id, (p->>'lease_seconds')::int);
  RETURN jsonb_build_object('kind', 'won', 'number', d.attempts,
    'attempt', 1 + (SELECT count(*) FROM webhook_attempts w
      WHERE w.delivery_id = d.id AND w.number > d.earlier_attempts),
    'url', coalesce(d.url, e.url), 'secret', e.secret,
    'previous_secret', e.previous_secret, 'previous_secret_expires_at', e.previous_secret_expires_at, 'type', d.type,
    'failing_since', e.failing_since, 'now', now_at,
    'event', CASE WHEN d.turn_id IS NULL
      THEN jsonb_build_object('created_at', to_char(d.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
        'data', d.data)
      ELSE (SELECT jsonb_build_object('created_at',
        to_char(v.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
        'data', jsonb_build_object('turn_id', v.turn_id, 'seq', v.seq, 'type', v.type, 'data', v.data,
          'created_at', to_char(v.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')))
        FROM turn_events v WHERE v.turn_id = d.turn_id AND v.seq = d.seq) END);
END $$;
--> statement-breakpoint
-- function: webhooks/commit-delivery.sql
-- A commit is fenced by the attempt's number. What a turn's own callback answers says nothing about the endpoint
-- that signs it.
CREATE OR REPLACE FUNCTION pantheon_commit_delivery(p jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  d webhook_deliveries%ROWTYPE;
  now_at timestamptz := pantheon_now();
  wait_seconds int := p->>'wait_seconds';
BEGIN
  SELECT * INTO d FROM webhook_deliveries WHERE id = (p->>'delivery')::uuid FOR NO KEY UPDATE;
  IF d.id IS NULL OR d.attempts <> (p->>'number')::int OR d.status <> 'pending' THEN
    RETURN jsonb_build_object('kind', 'fenced');
  END IF;
  INSERT INTO webhook_attempts (delivery_id, number, owner_id, outcome, response_status, latency_ms, excerpt, reason,
    created_at)
    VALUES (d.id, d.attempts, d.owner_id, p->>'outcome', (p->>'response_status')::int, (p->>'latency_ms')::int,
      p->>'excerpt', p->>'reason', now_at)
    ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN RETURN jsonb_build_object('kind', 'fenced'); END IF;
  IF d.url IS NULL AND p->>'next' = 'succeeded' THEN
    UPDATE webhook_endpoints SET failing_since = NULL WHERE id = d.endpoint_id AND failing_since IS NOT NULL;
  ELSIF d.url IS NULL THEN
    UPDATE webhook_endpoints SET failing_since = now_at WHERE id = d.endpoint_id AND failing_since IS NULL;
    UPDATE webhook_endpoints SET status = 'disabled', disabled_reason = p->>'disables'
      WHERE id = d.endpoint_id AND status = 'active' AND p->>'disables' IS NOT NULL;
  END IF;
  IF p->>'next' = 'retry' THEN
    UPDATE webhook_deliveries SET next_at = now_at + make_interval(secs => wait_seconds) WHERE id = d.id;
    PERFORM pantheon_post_delivery(d.id, wait_seconds);
  ELSE
    UPDATE webhook_deliveries SET status = CASE p->>'next' WHEN 'succeeded' THEN 'succeeded'
      ELSE 'failed' END, next_at = NULL, finished_at = now_at
      WHERE id = d.id;
    DELETE FROM outbox WHERE kind = 'delivery' AND target_id = d.id;
  END IF;
  RETURN jsonb_build_object('kind', 'committed', 'letters', pantheon_posted_here());
END $$;
--> statement-breakpoint
-- function: webhooks/deliver-event.sql
-- An event gets a delivery to each endpoint that wants it, and to the turn's own callback when the turn rests.
-- A summary's turn tells only that it was made.
CREATE OR REPLACE FUNCTION pantheon_deliver_event(p_turn turns, p_type text) RETURNS void LANGUAGE sql AS $$
  WITH made AS (
    INSERT INTO webhook_deliveries (id, owner_id, endpoint_id, turn_id, seq, type, url, next_at, created_at, updated_at)
    SELECT pantheon_new_id(), p_turn.owner_id, w.endpoint_id, p_turn.id, p_turn.last_seq, p_type, w.url, pantheon_now(),
      pantheon_now(), pantheon_now()
    FROM (
      SELECT e.id AS endpoint_id, NULL::text AS url FROM webhook_endpoints e
      WHERE e.owner_id = p_turn.owner_id AND e.deleted_at IS NULL AND e.status = 'active'
        AND (cardinality(e.events) = 0 OR p_type = ANY (e.events))
      UNION ALL
      SELECT p_turn.callback_endpoint_id, p_turn.callback_url
      WHERE p_turn.callback_url IS NOT NULL
        AND p_type IN ('turn.paused', 'turn.completed', 'turn.partial', 'turn.failed', 'turn.cancelled')
    ) AS w
    WHERE p_turn.mode <> 'summary' OR p_type = 'summary.created'
    RETURNING id
  )
  INSERT INTO outbox (kind, target_id, turn_id, owner_id, generation, next_at, made_in)
  SELECT 'delivery', m.id, p_turn.id, p_turn.owner_id, 0, pantheon_now() + interval '30 seconds', txid_current()
    FROM made m
$$;
--> statement-breakpoint
-- function: webhooks/keep-previous-secret.sql
-- A rotation keeps the secret that it replaces, which who rotates cannot read; a removal keeps none.
CREATE OR REPLACE FUNCTION pantheon_keep_previous_secret() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.previous_secret := CASE WHEN NEW.secret IS NULL THEN NULL ELSE OLD.secret END;
  IF NEW.previous_secret IS NULL THEN NEW.previous_secret_expires_at := NULL; END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
-- function: webhooks/ping-endpoint.sql
-- A test delivery tells an endpoint nothing but that it is there.
CREATE OR REPLACE FUNCTION pantheon_ping_endpoint(p_delivery uuid, p_endpoint uuid) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  before text;
BEGIN
  SELECT e.status INTO before FROM webhook_endpoints e
    WHERE e.id = p_endpoint AND e.owner_id = pantheon_user_id() AND e.deleted_at IS NULL;
  IF NOT FOUND THEN RETURN jsonb_build_object('kind', 'missing'); END IF;
  IF before <> 'active' THEN RETURN jsonb_build_object('kind', 'disabled'); END IF;
  INSERT INTO webhook_deliveries (id, owner_id, endpoint_id, type, data, next_at, created_at, updated_at)
  VALUES (p_delivery, pantheon_user_id(), p_endpoint, 'webhook.test', jsonb_build_object('endpoint_id', p_endpoint),
    pantheon_now(), pantheon_now(), pantheon_now());
  PERFORM pantheon_post_delivery(p_delivery, 0);
  RETURN jsonb_build_object('kind', 'pinged', 'letters', pantheon_posted_here());
END $$;
--> statement-breakpoint
-- function: webhooks/redeliver.sql
-- One delivery, or an endpoint's from the oldest on, is sent once more under the id that it has.
-- The answer says where to go on if there are more than the limit.
CREATE OR REPLACE FUNCTION pantheon_redeliver(p_delivery uuid, p_endpoint uuid, p_since timestamptz, p_limit int)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  again record;
  renewed int := 0;
  next_since text;
BEGIN
  FOR again IN SELECT d.id, d.created_at FROM webhook_deliveries d JOIN webhook_endpoints e ON e.id = d.endpoint_id
    WHERE (d.id = p_delivery OR (d.endpoint_id = p_endpoint AND d.created_at >= p_since)) AND d.status <> 'pending'
      AND e.status = 'active' AND e.deleted_at IS NULL ORDER BY d.created_at, d.id LIMIT p_limit + 1
        FOR NO KEY UPDATE OF d
  LOOP
    IF renewed = p_limit THEN
      next_since := to_char(again.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"');
      EXIT;
    END IF;
    UPDATE webhook_deliveries SET status = 'pending', next_at = pantheon_now(), finished_at = NULL,
      earlier_attempts = attempts WHERE id = again.id;
    PERFORM pantheon_post_delivery(again.id, 0);
    renewed := renewed + 1;
  END LOOP;
  RETURN jsonb_build_object('renewed', renewed, 'next_since', next_since, 'letters', pantheon_posted_here());
END $$;
--> statement-breakpoint
-- end of functions
CALL pantheon_protect('users', 'id', 'SELECT');
--> statement-breakpoint
CALL pantheon_protect('api_keys', 'owner_id', 'SELECT, INSERT, UPDATE');
--> statement-breakpoint
CALL pantheon_protect('idempotency_keys', 'owner_id', 'SELECT, INSERT');
--> statement-breakpoint
CALL pantheon_protect('rooms', 'owner_id', 'SELECT, INSERT, UPDATE');
--> statement-breakpoint
CALL pantheon_protect('room_agents', 'owner_id', 'SELECT, INSERT, UPDATE');
--> statement-breakpoint
CALL pantheon_protect('sessions', 'owner_id', 'SELECT, INSERT, UPDATE');
--> statement-breakpoint
CALL pantheon_protect('accounts', 'owner_id', 'SELECT');
--> statement-breakpoint
CALL pantheon_protect('ledger_entries', 'owner_id', 'SELECT');
--> statement-breakpoint
-- A user sees what is theirs; the platform's counter-accounts are not.
ALTER POLICY tenant ON accounts USING (owner_id = (SELECT pantheon_user_id()) AND kind IN ('wallet', 'held'));
--> statement-breakpoint
ALTER POLICY tenant ON ledger_entries USING (owner_id = (SELECT pantheon_user_id()) AND account_kind IN ('wallet', 'held'));
--> statement-breakpoint
REVOKE UPDATE, DELETE ON ledger_entries FROM pantheon_system;
--> statement-breakpoint
CREATE TRIGGER ledger_apply AFTER INSERT ON ledger_entries
  REFERENCING NEW TABLE AS new_entries FOR EACH STATEMENT EXECUTE FUNCTION pantheon_ledger_apply();
--> statement-breakpoint
CREATE TRIGGER ledger_is_final BEFORE UPDATE OR DELETE ON ledger_entries
  FOR EACH STATEMENT EXECUTE FUNCTION pantheon_ledger_is_final();
--> statement-breakpoint
INSERT INTO pricing_versions (id, effective_at) VALUES ('2026-02-20', '2026-02-20T00:00:00Z');
--> statement-breakpoint
INSERT INTO model_prices (pricing_version, alias, provider_model, context_limit, multiplier_milli,
  input_micro_usd_per_million, cached_micro_usd_per_million, output_micro_usd_per_million) VALUES
  ('2026-02-20', 'deepseek', 'deepseek/deepseek-chat', 163840, 500, 270000, 70000, 1100000),
  ('2026-02-20', 'gemini-flash', 'google/gemini-2.5-flash', 1048576, 800, 300000, 75000, 2500000),
  ('2026-02-20', 'gemini-pro', 'google/gemini-2.5-pro', 1048576, 1200, 1250000, 310000, 10000000),
  ('2026-02-20', 'gpt-4o-mini', 'openai/gpt-4o-mini', 128000, 1000, 150000, 75000, 600000),
  ('2026-02-20', 'gpt-4o', 'openai/gpt-4o', 128000, 2000, 2500000, 1250000, 10000000),
  ('2026-02-20', 'claude-haiku', 'anthropic/claude-haiku-4.5', 200000, 800, 1000000, 100000, 5000000),
  ('2026-02-20', 'claude-sonnet', 'anthropic/claude-sonnet-4.5', 200000, 1500, 3000000, 300000, 15000000);
--> statement-breakpoint
-- Prices belong to no tenant: everyone reads, only the system adds, nobody changes.
ALTER TABLE pricing_versions ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE pricing_versions FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE model_prices ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE model_prices FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
CREATE POLICY readable ON pricing_versions FOR SELECT TO pantheon_app, pantheon_system USING (true);
--> statement-breakpoint
CREATE POLICY readable ON model_prices FOR SELECT TO pantheon_app, pantheon_system USING (true);
--> statement-breakpoint
CREATE POLICY added ON pricing_versions FOR INSERT TO pantheon_system WITH CHECK (true);
--> statement-breakpoint
CREATE POLICY added ON model_prices FOR INSERT TO pantheon_system WITH CHECK (true);
--> statement-breakpoint
GRANT SELECT ON pricing_versions, model_prices TO pantheon_app, pantheon_system;
--> statement-breakpoint
GRANT INSERT ON pricing_versions, model_prices TO pantheon_system;
--> statement-breakpoint
CALL pantheon_protect('turns', 'owner_id', 'SELECT, INSERT, UPDATE');
--> statement-breakpoint
CALL pantheon_protect('turn_steps', 'owner_id', 'SELECT, INSERT, UPDATE');
--> statement-breakpoint
CALL pantheon_protect('messages', 'owner_id', 'SELECT, INSERT');
--> statement-breakpoint
CALL pantheon_protect('turn_events', 'owner_id', 'SELECT, INSERT');
--> statement-breakpoint
CALL pantheon_protect('turn_context_audit', 'owner_id', 'SELECT, INSERT');
--> statement-breakpoint
CALL pantheon_protect('turn_rates', 'owner_id', 'SELECT, INSERT, UPDATE');
--> statement-breakpoint
CALL pantheon_protect('outbox', 'owner_id', 'SELECT, INSERT, UPDATE, DELETE');
--> statement-breakpoint
CALL pantheon_protect('llm_call_events', 'owner_id', 'SELECT');
--> statement-breakpoint
CALL pantheon_protect('holds', 'owner_id', 'SELECT');
--> statement-breakpoint
CALL pantheon_protect('budget_counters', 'owner_id', 'SELECT');
--> statement-breakpoint
CALL pantheon_protect('user_budgets', 'owner_id', 'SELECT, INSERT, UPDATE');
--> statement-breakpoint
CALL pantheon_protect('grants', 'owner_id', 'SELECT');
--> statement-breakpoint
CREATE TRIGGER prices_are_final AFTER INSERT ON model_prices
  REFERENCING NEW TABLE AS new_prices FOR EACH STATEMENT EXECUTE FUNCTION pantheon_prices_are_final();
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
CREATE TRIGGER keep_previous_secret BEFORE UPDATE OF secret ON webhook_endpoints
  FOR EACH ROW EXECUTE FUNCTION pantheon_keep_previous_secret();
--> statement-breakpoint
CALL pantheon_protect('session_summaries', 'owner_id', 'SELECT, INSERT');
--> statement-breakpoint
CALL pantheon_protect('register_entries', 'owner_id', 'SELECT, INSERT, UPDATE');
--> statement-breakpoint
GRANT UPDATE (is_pinned) ON messages TO pantheon_app;
--> statement-breakpoint
CREATE TRIGGER check_manager BEFORE INSERT OR UPDATE OF manager_model_alias ON rooms
  FOR EACH ROW EXECUTE FUNCTION pantheon_check_manager();
--> statement-breakpoint
CALL pantheon_protect('tool_servers', 'owner_id', 'INSERT, UPDATE');
--> statement-breakpoint
CALL pantheon_protect('tool_calls', 'owner_id', 'SELECT');
--> statement-breakpoint
-- All but what opens the server: a request of a user can put it in, and no query of it can bring it back.
GRANT SELECT (id, owner_id, room_id, name, url, has_authorization, requires_approval, created_at, updated_at, deleted_at) ON tool_servers TO pantheon_app;
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
--> statement-breakpoint
-- Each statement of a turn runs in milliseconds; where the server compiles queries, one that looks costly waits a tenth of a second for it.
DO $$ BEGIN EXECUTE format('ALTER ROLE CURRENT_USER IN DATABASE %I SET jit = off', current_database()); END $$;
