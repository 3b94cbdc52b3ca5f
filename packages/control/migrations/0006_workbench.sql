CREATE TABLE "adb_keys" (
	"id" text PRIMARY KEY NOT NULL,
	"actor" text NOT NULL,
	"name" text NOT NULL,
	"fingerprint" text NOT NULL,
	"key" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"used_at" timestamp (3) with time zone,
	CONSTRAINT "adb_keys_actor_fingerprint" UNIQUE("actor","fingerprint")
);
--> statement-breakpoint
CREATE TABLE "artifacts" (
	"id" text PRIMARY KEY NOT NULL,
	"tenant" text NOT NULL,
	"lease_id" text NOT NULL,
	"device_id" text NOT NULL,
	"device_name" text NOT NULL,
	"kind" text NOT NULL,
	"name" text NOT NULL,
	"type" text NOT NULL,
	"size" bigint NOT NULL,
	"ms" bigint,
	"state" text NOT NULL,
	"replica" text,
	"created_at" timestamp (3) with time zone NOT NULL,
	"created_by" text NOT NULL,
	"created_by_name" text NOT NULL,
	"expires_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "blob_tenants" (
	"tenant" text NOT NULL,
	"sha256" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "blob_tenants_tenant_sha256_pk" PRIMARY KEY("tenant","sha256")
);
--> statement-breakpoint
CREATE TABLE "blobs" (
	"sha256" text PRIMARY KEY NOT NULL,
	"size" bigint NOT NULL,
	"stored_at" timestamp (3) with time zone NOT NULL,
	"used_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "builds" (
	"id" text PRIMARY KEY NOT NULL,
	"app_id" text NOT NULL,
	"tenant" text NOT NULL,
	"package" text NOT NULL,
	"label" text NOT NULL,
	"version_name" text NOT NULL,
	"version_code" bigint NOT NULL,
	"min_sdk" integer,
	"target_sdk" integer,
	"debuggable" boolean NOT NULL,
	"abis" jsonb NOT NULL,
	"files" jsonb NOT NULL,
	"size" bigint NOT NULL,
	"note" text NOT NULL,
	"uploaded_at" timestamp (3) with time zone NOT NULL,
	"uploaded_by" text NOT NULL,
	"uploaded_by_name" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "crashes" (
	"id" text PRIMARY KEY NOT NULL,
	"tenant" text NOT NULL,
	"lease_id" text NOT NULL,
	"device_id" text NOT NULL,
	"device_name" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"kind" text NOT NULL,
	"package" text NOT NULL,
	"process" text NOT NULL,
	"version_name" text,
	"version_code" bigint,
	"exception" text NOT NULL,
	"message" text NOT NULL,
	"signature" text NOT NULL,
	"stack" text NOT NULL,
	"stack_artifact" text,
	"screenshot" text,
	"recording" text
);
--> statement-breakpoint
CREATE TABLE "job_tasks" (
	"job_id" text NOT NULL,
	"number" integer NOT NULL,
	"device_id" text NOT NULL,
	"device_name" text NOT NULL,
	"epoch" integer NOT NULL,
	"lease_id" text NOT NULL,
	"state" text NOT NULL,
	"attempt" integer NOT NULL,
	"started_at" timestamp (3) with time zone,
	"ended_at" timestamp (3) with time zone,
	"error" jsonb,
	"result" jsonb,
	CONSTRAINT "job_tasks_job_id_number_pk" PRIMARY KEY("job_id","number")
);
--> statement-breakpoint
CREATE TABLE "jobs" (
	"id" text PRIMARY KEY NOT NULL,
	"tenant" text NOT NULL,
	"actor" text NOT NULL,
	"actor_name" text NOT NULL,
	"name" text NOT NULL,
	"action" jsonb NOT NULL,
	"mode" text NOT NULL,
	"pace" jsonb NOT NULL,
	"agreed" boolean NOT NULL,
	"state" text NOT NULL,
	"reason" text,
	"size" integer NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"ended_at" timestamp (3) with time zone,
	"runner" text,
	"runner_until" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "retentions" (
	"tenant" text PRIMARY KEY NOT NULL,
	"days" integer,
	"bytes" bigint
);
--> statement-breakpoint
CREATE TABLE "uploads" (
	"id" text PRIMARY KEY NOT NULL,
	"tenant" text NOT NULL,
	"actor" text NOT NULL,
	"name" text NOT NULL,
	"size" bigint NOT NULL,
	"offset" bigint NOT NULL,
	"sha256" text,
	"whole" boolean NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"touched_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE INDEX "artifacts_tenant" ON "artifacts" USING btree ("tenant","created_at");--> statement-breakpoint
CREATE INDEX "artifacts_device" ON "artifacts" USING btree ("device_id");--> statement-breakpoint
CREATE INDEX "artifacts_expiry" ON "artifacts" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "builds_tenant" ON "builds" USING btree ("tenant","uploaded_at");--> statement-breakpoint
CREATE INDEX "builds_app" ON "builds" USING btree ("app_id");--> statement-breakpoint
CREATE INDEX "crashes_tenant" ON "crashes" USING btree ("tenant","at");--> statement-breakpoint
CREATE INDEX "crashes_lease" ON "crashes" USING btree ("lease_id");--> statement-breakpoint
CREATE INDEX "job_tasks_device" ON "job_tasks" USING btree ("device_id");--> statement-breakpoint
CREATE INDEX "jobs_open" ON "jobs" USING btree ("state") WHERE state <> 'ended';--> statement-breakpoint
CREATE INDEX "jobs_tenant" ON "jobs" USING btree ("tenant","created_at");