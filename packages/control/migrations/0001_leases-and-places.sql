-- Written by hand, like the constraint at the end: drizzle knows neither. btree_gist lets an exclusion constraint compare a text by "=".
CREATE EXTENSION IF NOT EXISTS btree_gist;
--> statement-breakpoint
CREATE TABLE "agents" (
	"id" text PRIMARY KEY NOT NULL,
	"host" text NOT NULL,
	"joined_at" timestamp (3) with time zone NOT NULL,
	"joined_by" text NOT NULL,
	"token_hash" text NOT NULL,
	"public_key" text NOT NULL,
	CONSTRAINT "agents_token_hash_unique" UNIQUE("token_hash")
);
--> statement-breakpoint
CREATE TABLE "chassis" (
	"name" text PRIMARY KEY NOT NULL,
	"site" text NOT NULL,
	"rack" text NOT NULL,
	"position" integer NOT NULL,
	"slots" integer NOT NULL,
	"tenant" text,
	"labels" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "clean_records" (
	"device_id" text NOT NULL,
	"epoch" integer NOT NULL,
	"ended_at" timestamp (3) with time zone NOT NULL,
	"record" jsonb NOT NULL,
	CONSTRAINT "clean_records_device_id_epoch_ended_at_pk" PRIMARY KEY("device_id","epoch","ended_at")
);
--> statement-breakpoint
CREATE TABLE "events" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "events_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"at" timestamp (3) with time zone NOT NULL,
	"actor" text NOT NULL,
	"tenant" text,
	"kind" text NOT NULL,
	"subject" text NOT NULL,
	"detail" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "holds" (
	"device_id" text PRIMARY KEY NOT NULL,
	"epoch" integer NOT NULL,
	"state" text NOT NULL,
	"lease_id" text,
	"ended_at" timestamp (3) with time zone,
	"cleaned_at" timestamp (3) with time zone,
	"quarantine" text,
	"quarantined_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "join_codes" (
	"hash" text PRIMARY KEY NOT NULL,
	"created_by" text NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "lease_devices" (
	"lease_id" text NOT NULL,
	"device_id" text NOT NULL,
	"period" "tstzrange" NOT NULL,
	"epoch" integer DEFAULT 0 NOT NULL,
	CONSTRAINT "lease_devices_lease_id_device_id_pk" PRIMARY KEY("lease_id","device_id")
);
--> statement-breakpoint
CREATE TABLE "leases" (
	"id" text PRIMARY KEY NOT NULL,
	"tenant" text NOT NULL,
	"actor" text NOT NULL,
	"actor_name" text NOT NULL,
	"purpose" text NOT NULL,
	"phase" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"from" timestamp (3) with time zone NOT NULL,
	"until" timestamp (3) with time zone NOT NULL,
	"ended_at" timestamp (3) with time zone,
	"end_reason" text,
	"end_note" text,
	"wanted" jsonb NOT NULL,
	"idle_minutes" integer,
	"active_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "quotas" (
	"tenant" text PRIMARY KEY NOT NULL,
	"devices_at_once" integer,
	"hours_per_month" integer
);
--> statement-breakpoint
CREATE TABLE "racks" (
	"site" text NOT NULL,
	"name" text NOT NULL,
	"position" integer NOT NULL,
	CONSTRAINT "racks_site_name_pk" PRIMARY KEY("site","name")
);
--> statement-breakpoint
CREATE TABLE "sites" (
	"name" text PRIMARY KEY NOT NULL,
	"position" integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE "slots" (
	"chassis" text NOT NULL,
	"slot" integer NOT NULL,
	"device_id" text NOT NULL,
	CONSTRAINT "slots_chassis_slot_pk" PRIMARY KEY("chassis","slot"),
	CONSTRAINT "slots_device_id_unique" UNIQUE("device_id")
);
--> statement-breakpoint
CREATE TABLE "supports" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "supports_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"device_id" text NOT NULL,
	"lease_id" text NOT NULL,
	"by" text NOT NULL,
	"by_name" text NOT NULL,
	"reason" text NOT NULL,
	"since" timestamp (3) with time zone NOT NULL,
	"until" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "devices" ADD COLUMN "labels" jsonb DEFAULT '[]'::jsonb NOT NULL;--> statement-breakpoint
CREATE INDEX "events_subject" ON "events" USING btree ("subject");--> statement-breakpoint
CREATE INDEX "events_tenant" ON "events" USING btree ("tenant","id");--> statement-breakpoint
CREATE INDEX "lease_devices_device" ON "lease_devices" USING btree ("device_id");--> statement-breakpoint
CREATE INDEX "leases_open" ON "leases" USING btree ("phase") WHERE phase <> 'ended';--> statement-breakpoint
CREATE INDEX "leases_tenant" ON "leases" USING btree ("tenant","created_at");--> statement-breakpoint
CREATE INDEX "leases_created_at" ON "leases" USING btree ("created_at");--> statement-breakpoint
-- Two leases never have the same device at the same time: refused here (23P01), not checked in code.
ALTER TABLE "lease_devices" ADD CONSTRAINT "lease_devices_one_holder" EXCLUDE USING gist ("device_id" WITH =, "period" WITH &&);
