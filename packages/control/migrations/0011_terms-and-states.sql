CREATE TABLE "lease_terms" (
	"lease_id" text NOT NULL,
	"device_id" text NOT NULL,
	"epoch" integer NOT NULL,
	"actor" text NOT NULL,
	CONSTRAINT "lease_terms_device_id_epoch_pk" PRIMARY KEY("device_id","epoch")
);
--> statement-breakpoint
DROP TABLE "network_looks" CASCADE;--> statement-breakpoint
ALTER TABLE "devices" ADD COLUMN "state" text;--> statement-breakpoint
ALTER TABLE "devices" ADD COLUMN "isolated" boolean;--> statement-breakpoint
ALTER TABLE "log_bulks" ADD COLUMN "device_id" text;--> statement-breakpoint
ALTER TABLE "log_bulks" ADD COLUMN "epoch" integer;--> statement-breakpoint
CREATE INDEX "lease_terms_lease" ON "lease_terms" USING btree ("lease_id");--> statement-breakpoint
-- What state a device is in, and whether its network is to lead nowhere, are changes as well. Its report is written every few seconds: that alone is not even looked at.
DROP TRIGGER log_change ON "devices";--> statement-breakpoint
DROP TRIGGER log_moved ON "devices";--> statement-breakpoint
CREATE TRIGGER log_change AFTER INSERT OR DELETE ON "devices" FOR EACH ROW EXECUTE FUNCTION phonerack_log_change('id', 'agent', 'state', 'isolated');--> statement-breakpoint
CREATE TRIGGER log_moved AFTER UPDATE ON "devices" FOR EACH ROW WHEN ((OLD.agent, OLD.state, OLD.isolated) IS DISTINCT FROM (NEW.agent, NEW.state, NEW.isolated)) EXECUTE FUNCTION phonerack_log_change('id', 'agent', 'state', 'isolated');
