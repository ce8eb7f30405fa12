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
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "session_summaries_version" UNIQUE("session_id","version"),
	CONSTRAINT "session_summaries_version_positive" CHECK ("session_summaries"."version" >= 1)
);
--> statement-breakpoint
ALTER TABLE "messages" ADD COLUMN "token_class" text;--> statement-breakpoint
ALTER TABLE "messages" ADD COLUMN "private_to" text;--> statement-breakpoint
ALTER TABLE "messages" ADD COLUMN "group_id" uuid;--> statement-breakpoint
ALTER TABLE "rooms" ADD COLUMN "manager_model_alias" text;--> statement-breakpoint
ALTER TABLE "turn_steps" ADD COLUMN "instruction" text;--> statement-breakpoint
ALTER TABLE "turn_steps" ADD COLUMN "result" jsonb;--> statement-breakpoint
ALTER TABLE "register_entries" ADD CONSTRAINT "register_entries_session_owner" FOREIGN KEY ("session_id","owner_id") REFERENCES "public"."sessions"("id","owner_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "session_summaries" ADD CONSTRAINT "session_summaries_session" FOREIGN KEY ("session_id","owner_id") REFERENCES "public"."sessions"("id","owner_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "register_entries_session" ON "register_entries" USING btree ("session_id","id");--> statement-breakpoint
CREATE INDEX "register_entries_room" ON "register_entries" USING btree ("room_id","id");--> statement-breakpoint
CREATE INDEX "messages_pinned" ON "messages" USING btree ("session_id","turn_index","position") WHERE is_pinned;--> statement-breakpoint
CREATE UNIQUE INDEX "turns_one_summary" ON "turns" USING btree ("session_id") WHERE mode = 'summary' and finished_at is null;
--> statement-breakpoint
CALL pantheon_protect('session_summaries', 'owner_id', 'SELECT, INSERT');
--> statement-breakpoint
CALL pantheon_protect('register_entries', 'owner_id', 'SELECT, INSERT, UPDATE');
--> statement-breakpoint
GRANT UPDATE (is_pinned) ON messages TO pantheon_app;
