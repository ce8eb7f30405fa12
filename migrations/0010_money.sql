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
ALTER TABLE "messages" ADD COLUMN "bound_tokens" integer GENERATED ALWAYS AS (octet_length(replace(replace(text, '&', '&amp;'), '<', '&lt;')) + 6 * octet_length(coalesce(agent_name, ''))
          + octet_length(coalesce(agent_key, '')) + 6 * octet_length(coalesce(error_type, '')) + 64) STORED NOT NULL;--> statement-breakpoint
ALTER TABLE "llm_call_events" ADD COLUMN "charged_units" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "ledger_entries" ADD COLUMN "turn_id" uuid;--> statement-breakpoint
ALTER TABLE "turn_steps" ADD COLUMN "prompt_bound" integer;--> statement-breakpoint
ALTER TABLE "turn_steps" ADD COLUMN "hold_units" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "turns" ADD COLUMN "budget_units" bigint;--> statement-breakpoint
ALTER TABLE "turns" ADD COLUMN "pause" jsonb;--> statement-breakpoint
ALTER TABLE "budget_counters" ADD CONSTRAINT "budget_counters_owner_id_users_id_fk" FOREIGN KEY ("owner_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "grants" ADD CONSTRAINT "grants_owner_id_users_id_fk" FOREIGN KEY ("owner_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "holds" ADD CONSTRAINT "holds_turn_owner" FOREIGN KEY ("turn_id","owner_id") REFERENCES "public"."turns"("id","owner_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "user_budgets" ADD CONSTRAINT "user_budgets_owner_id_users_id_fk" FOREIGN KEY ("owner_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "grants_owner" ON "grants" USING btree ("owner_id","created_at");--> statement-breakpoint
CREATE INDEX "holds_turn" ON "holds" USING btree ("turn_id");--> statement-breakpoint
CREATE INDEX "holds_open" ON "holds" USING btree ("owner_id") WHERE is_open;--> statement-breakpoint
ALTER TABLE "llm_call_events" ADD CONSTRAINT "llm_call_events_charged_within" CHECK ("llm_call_events"."charged_units" between 0 and "llm_call_events"."credit_units");--> statement-breakpoint
ALTER TABLE "turns" ADD CONSTRAINT "turns_budget_not_negative" CHECK ("turns"."budget_units" >= 0);--> statement-breakpoint
ALTER TABLE "turns" ADD CONSTRAINT "turns_paused_for_a_reason" CHECK (("turns"."status" = 'paused') = ("turns"."pause" is not null));--> statement-breakpoint
CALL pantheon_protect('holds', 'owner_id', 'SELECT');
--> statement-breakpoint
CALL pantheon_protect('budget_counters', 'owner_id', 'SELECT');
--> statement-breakpoint
CALL pantheon_protect('user_budgets', 'owner_id', 'SELECT, INSERT, UPDATE');
--> statement-breakpoint
CALL pantheon_protect('grants', 'owner_id', 'SELECT');
