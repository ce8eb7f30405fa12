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
	"cost_usd_pico" bigint,
	"latency_ms" integer,
	"status" text NOT NULL,
	"http_status" integer,
	"finish_reason" text,
	"is_estimated" boolean NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "llm_call_events_once" UNIQUE("step_id","attempt","ordinal"),
	CONSTRAINT "llm_call_events_status_known" CHECK ("llm_call_events"."status" in ('ok', 'failed', 'aborted', 'lost'))
);
--> statement-breakpoint
CREATE TABLE "outbox" (
	"kind" text NOT NULL,
	"target_id" uuid NOT NULL,
	"turn_id" uuid NOT NULL,
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
	"window_tokens" integer NOT NULL,
	"token" integer DEFAULT 0 NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"lost_attempts" integer DEFAULT 0 NOT NULL,
	"waited_seconds" integer DEFAULT 0 NOT NULL,
	"lease_until" timestamp with time zone,
	"not_before" timestamp with time zone,
	"checkpoint" text,
	"error" jsonb,
	"flags" text[] DEFAULT '{}' NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"started_at" timestamp with time zone,
	"finished_at" timestamp with time zone,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "turn_steps_index_unique" UNIQUE("turn_id","step_index"),
	CONSTRAINT "turn_steps_status_known" CHECK ("turn_steps"."status" in ('waiting', 'ready', 'running', 'done', 'failed', 'cancelled')),
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
	CONSTRAINT "turns_pending_not_negative" CHECK ("turns"."pending_steps" >= 0)
);
--> statement-breakpoint
ALTER TABLE "messages" ADD CONSTRAINT "messages_turn" FOREIGN KEY ("turn_id","owner_id") REFERENCES "public"."turns"("id","owner_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "turn_context_audit" ADD CONSTRAINT "turn_context_audit_turn" FOREIGN KEY ("turn_id","owner_id") REFERENCES "public"."turns"("id","owner_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "turn_events" ADD CONSTRAINT "turn_events_turn" FOREIGN KEY ("turn_id","owner_id") REFERENCES "public"."turns"("id","owner_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "llm_call_events" ADD CONSTRAINT "llm_call_events_turn_owner" FOREIGN KEY ("turn_id","owner_id") REFERENCES "public"."turns"("id","owner_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "turn_rates" ADD CONSTRAINT "turn_rates_owner_id_users_id_fk" FOREIGN KEY ("owner_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "turn_steps" ADD CONSTRAINT "turn_steps_turn" FOREIGN KEY ("turn_id","owner_id") REFERENCES "public"."turns"("id","owner_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "turns" ADD CONSTRAINT "turns_session" FOREIGN KEY ("session_id","owner_id") REFERENCES "public"."sessions"("id","owner_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "messages_history" ON "messages" USING btree ("session_id","turn_index","position");--> statement-breakpoint
CREATE INDEX "llm_call_events_turn" ON "llm_call_events" USING btree ("turn_id");--> statement-breakpoint
CREATE INDEX "llm_call_events_owner" ON "llm_call_events" USING btree ("owner_id","created_at");--> statement-breakpoint
CREATE INDEX "outbox_due" ON "outbox" USING btree ("next_at");--> statement-breakpoint
CREATE INDEX "outbox_turn" ON "outbox" USING btree ("turn_id");--> statement-breakpoint
CREATE INDEX "turn_steps_leased" ON "turn_steps" USING btree ("lease_until") WHERE status = 'running';--> statement-breakpoint
CREATE UNIQUE INDEX "turns_one_active" ON "turns" USING btree ("session_id") WHERE is_active;--> statement-breakpoint
CREATE INDEX "turns_waiting" ON "turns" USING btree ("session_id","turn_index") WHERE status = 'queued' and not is_active;