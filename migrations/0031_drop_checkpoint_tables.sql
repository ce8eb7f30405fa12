DROP TABLE "checkpoint_values" CASCADE;--> statement-breakpoint
DROP TABLE "checkpoint_writes" CASCADE;--> statement-breakpoint
DROP TABLE "checkpoints" CASCADE;