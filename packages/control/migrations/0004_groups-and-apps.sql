CREATE TABLE "apps" (
	"id" text PRIMARY KEY NOT NULL,
	"tenant" text NOT NULL,
	"package" text NOT NULL,
	"signer" text NOT NULL,
	"signer_name" text NOT NULL,
	"certificate" text NOT NULL,
	"label" text NOT NULL,
	"version_code" bigint NOT NULL,
	"version_name" text NOT NULL,
	"scheme" integer NOT NULL,
	"icon" text,
	"obstacles" jsonb NOT NULL,
	"ownership" jsonb,
	"uploaded_at" timestamp (3) with time zone NOT NULL,
	"uploaded_by" text NOT NULL,
	CONSTRAINT "apps_tenant_package_signer" UNIQUE("tenant","package","signer")
);
--> statement-breakpoint
CREATE TABLE "enrolments" (
	"device_id" text PRIMARY KEY NOT NULL,
	"by" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "flows" (
	"id" text PRIMARY KEY NOT NULL,
	"tenant" text NOT NULL,
	"name" text NOT NULL,
	"app_id" text NOT NULL,
	"yaml" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"created_by" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "grounds_versions" (
	"tenant" text PRIMARY KEY NOT NULL,
	"version" integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE "groups" (
	"id" text PRIMARY KEY NOT NULL,
	"tenant" text NOT NULL,
	"lease_id" text NOT NULL,
	"actor" text NOT NULL,
	"actor_name" text NOT NULL,
	"name" text NOT NULL,
	"aim" text NOT NULL,
	"leader" text NOT NULL,
	"mode" text NOT NULL,
	"paused" boolean NOT NULL,
	"recording" boolean NOT NULL,
	"steps_per_second" integer NOT NULL,
	"agreed" boolean NOT NULL,
	"members" jsonb NOT NULL,
	"recorded" jsonb NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"ended_at" timestamp (3) with time zone,
	"end_reason" text
);
--> statement-breakpoint
CREATE TABLE "nonces" (
	"hash" text PRIMARY KEY NOT NULL,
	"app_id" text NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "permits" (
	"id" text PRIMARY KEY NOT NULL,
	"tenant" text NOT NULL,
	"package" text NOT NULL,
	"devices" jsonb NOT NULL,
	"until" timestamp (3) with time zone NOT NULL,
	"reason" text NOT NULL,
	"by" text NOT NULL,
	"by_name" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "trial_limits" (
	"tenant" text PRIMARY KEY NOT NULL,
	"devices_per_day" integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE "trials" (
	"day" text NOT NULL,
	"tenant" text NOT NULL,
	"actor" text NOT NULL,
	"device_id" text NOT NULL,
	CONSTRAINT "trials_day_tenant_actor_device_id_pk" PRIMARY KEY("day","tenant","actor","device_id")
);
--> statement-breakpoint
CREATE INDEX "flows_tenant" ON "flows" USING btree ("tenant","created_at");--> statement-breakpoint
CREATE INDEX "groups_open" ON "groups" USING btree ("ended_at") WHERE ended_at is null;--> statement-breakpoint
CREATE INDEX "groups_tenant" ON "groups" USING btree ("tenant","created_at");