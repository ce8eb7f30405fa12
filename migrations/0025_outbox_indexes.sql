DROP INDEX "outbox_due";--> statement-breakpoint
CREATE INDEX "outbox_made" ON "outbox" USING btree ("made_in");--> statement-breakpoint
CREATE INDEX "outbox_due" ON "outbox" USING btree ("kind","next_at");