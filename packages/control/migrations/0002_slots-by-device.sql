ALTER TABLE "slots" DROP CONSTRAINT "slots_device_id_unique";--> statement-breakpoint
ALTER TABLE "slots" DROP CONSTRAINT "slots_chassis_slot_pk";--> statement-breakpoint
ALTER TABLE "slots" ADD PRIMARY KEY ("device_id");--> statement-breakpoint
ALTER TABLE "slots" ALTER COLUMN "chassis" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "slots" ALTER COLUMN "slot" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "slots" ADD CONSTRAINT "slots_chassis_slot" UNIQUE("chassis","slot");