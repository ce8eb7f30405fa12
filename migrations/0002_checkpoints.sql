CREATE TABLE "checkpoint_values" (
	"owner_id" uuid NOT NULL,
	"thread_id" text NOT NULL,
	"namespace" text NOT NULL,
	"key" text NOT NULL,
	"type" text NOT NULL,
	"value" text NOT NULL,
	CONSTRAINT "checkpoint_values_pkey" PRIMARY KEY("owner_id","thread_id","namespace","key")
);
--> statement-breakpoint
CREATE TABLE "checkpoint_writes" (
	"owner_id" uuid NOT NULL,
	"thread_id" text NOT NULL,
	"namespace" text NOT NULL,
	"checkpoint_id" text NOT NULL,
	"task_id" text NOT NULL,
	"position" integer NOT NULL,
	"channel" text NOT NULL,
	"type" text NOT NULL,
	"value" text NOT NULL,
	CONSTRAINT "checkpoint_writes_pkey" PRIMARY KEY("owner_id","thread_id","namespace","checkpoint_id","task_id","position")
);
--> statement-breakpoint
CREATE TABLE "checkpoints" (
	"owner_id" uuid NOT NULL,
	"thread_id" text NOT NULL,
	"namespace" text NOT NULL,
	"checkpoint_id" text NOT NULL,
	"parent_id" text,
	"type" text NOT NULL,
	"checkpoint" text NOT NULL,
	"metadata_type" text NOT NULL,
	"metadata" text NOT NULL,
	"metadata_entries" text[] NOT NULL,
	"value_keys" text[] NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "checkpoints_pkey" PRIMARY KEY("owner_id","thread_id","namespace","checkpoint_id")
);
--> statement-breakpoint
CALL pantheon_protect('checkpoints', 'owner_id', 'SELECT');
--> statement-breakpoint
CALL pantheon_protect('checkpoint_values', 'owner_id', 'SELECT');
--> statement-breakpoint
CALL pantheon_protect('checkpoint_writes', 'owner_id', 'SELECT');
