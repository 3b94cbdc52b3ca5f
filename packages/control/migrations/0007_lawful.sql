CREATE TABLE "abuse_cases" (
	"id" text PRIMARY KEY NOT NULL,
	"asked" jsonb NOT NULL,
	"found" jsonb NOT NULL,
	"state" text NOT NULL,
	"messages" jsonb NOT NULL,
	"token_hash" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"due_at" timestamp (3) with time zone NOT NULL,
	"closed_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "egress_prefixes" (
	"prefix" text NOT NULL,
	"announced_at" timestamp (3) with time zone NOT NULL,
	"from" timestamp (3) with time zone NOT NULL,
	"until" timestamp (3) with time zone,
	"by" text NOT NULL,
	CONSTRAINT "egress_prefixes_prefix_from_pk" PRIMARY KEY("prefix","from")
);
--> statement-breakpoint
CREATE TABLE "evidence" (
	"id" text PRIMARY KEY NOT NULL,
	"subject" text NOT NULL,
	"name" text NOT NULL,
	"type" text NOT NULL,
	"size" integer NOT NULL,
	"sha256" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"by" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "flags" (
	"id" text PRIMARY KEY NOT NULL,
	"rule" text NOT NULL,
	"tenant" text NOT NULL,
	"lease" text,
	"device_id" text,
	"at" timestamp (3) with time zone NOT NULL,
	"leaves" jsonb NOT NULL,
	"numbers" jsonb NOT NULL,
	"state" text NOT NULL,
	"history" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "lab_facts" (
	"key" text PRIMARY KEY NOT NULL,
	"value" jsonb NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"by" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "lease_confirmations" (
	"lease_id" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"by" text NOT NULL,
	CONSTRAINT "lease_confirmations_lease_id_at_pk" PRIMARY KEY("lease_id","at")
);
--> statement-breakpoint
CREATE TABLE "lease_references" (
	"lease_id" text PRIMARY KEY NOT NULL,
	"reference" text NOT NULL,
	CONSTRAINT "lease_references_reference_unique" UNIQUE("reference")
);
--> statement-breakpoint
CREATE TABLE "log_bulks" (
	"commitment" text PRIMARY KEY NOT NULL,
	"leaf" bigint NOT NULL,
	"lease" text,
	"tenant" text,
	"salt" "bytea" NOT NULL,
	"bulk" "bytea" NOT NULL,
	"at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "log_checkpoints" (
	"size" bigint PRIMARY KEY NOT NULL,
	"root" text NOT NULL,
	"note" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "log_hands" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"device_id" text NOT NULL,
	"epoch" integer NOT NULL,
	"window" bigint NOT NULL,
	"entry" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "log_head" (
	"id" integer PRIMARY KEY NOT NULL,
	"size" bigint NOT NULL,
	"root" text NOT NULL,
	"last_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "log_journals" (
	"agent" text NOT NULL,
	"journal" text NOT NULL,
	"up_to" bigint NOT NULL,
	CONSTRAINT "log_journals_agent_journal_pk" PRIMARY KEY("agent","journal")
);
--> statement-breakpoint
CREATE TABLE "log_pseudonyms" (
	"subject" text PRIMARY KEY NOT NULL,
	"pseudonym" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "log_pseudonyms_pseudonym_unique" UNIQUE("pseudonym")
);
--> statement-breakpoint
CREATE TABLE "log_queue" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"kind" text NOT NULL,
	"body" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "log_spans" (
	"lease" text NOT NULL,
	"tenant" text NOT NULL,
	"first" bigint NOT NULL,
	"last" bigint NOT NULL,
	"leaves" integer NOT NULL,
	"denials" integer NOT NULL,
	CONSTRAINT "log_spans_lease_first_pk" PRIMARY KEY("lease","first")
);
--> statement-breakpoint
CREATE TABLE "log_tail" (
	"from" bigint PRIMARY KEY NOT NULL,
	"count" integer NOT NULL,
	"entries" "bytea" NOT NULL
);
--> statement-breakpoint
CREATE TABLE "log_tiles" (
	"path" text PRIMARY KEY NOT NULL,
	"bytes" "bytea" NOT NULL
);
--> statement-breakpoint
CREATE TABLE "network_looks" (
	"device_id" text PRIMARY KEY NOT NULL,
	"look" jsonb NOT NULL,
	"at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "register_imeis" (
	"imei" text PRIMARY KEY NOT NULL,
	"device_id" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "register_records" (
	"device_id" text PRIMARY KEY NOT NULL,
	"record" jsonb NOT NULL,
	"warned" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"by" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "shared_marks" (
	"kind" text NOT NULL,
	"digest" text NOT NULL,
	"tenant" text NOT NULL,
	"seen_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "shared_marks_kind_digest_tenant_pk" PRIMARY KEY("kind","digest","tenant"),
	CONSTRAINT "shared_marks_all" UNIQUE("tenant","kind","digest")
);
--> statement-breakpoint
CREATE TABLE "tenancies" (
	"tenant" text PRIMARY KEY NOT NULL,
	"tier" text NOT NULL,
	"facts" jsonb NOT NULL,
	"state" text NOT NULL,
	"review_due" timestamp (3) with time zone,
	"at" timestamp (3) with time zone NOT NULL,
	"by" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "watch_counts" (
	"rule" text NOT NULL,
	"subject" text NOT NULL,
	"counts" jsonb NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "watch_counts_rule_subject_pk" PRIMARY KEY("rule","subject")
);
--> statement-breakpoint
ALTER TABLE "sites" ADD COLUMN "country" text;--> statement-breakpoint
CREATE INDEX "abuse_cases_state" ON "abuse_cases" USING btree ("state","due_at");--> statement-breakpoint
CREATE INDEX "evidence_subject" ON "evidence" USING btree ("subject");--> statement-breakpoint
CREATE INDEX "flags_tenant" ON "flags" USING btree ("tenant","at");--> statement-breakpoint
CREATE INDEX "flags_state" ON "flags" USING btree ("state");--> statement-breakpoint
CREATE INDEX "log_bulks_at" ON "log_bulks" USING btree ("at");--> statement-breakpoint
CREATE INDEX "log_bulks_tenant" ON "log_bulks" USING btree ("tenant");--> statement-breakpoint
CREATE INDEX "log_hands_window" ON "log_hands" USING btree ("window");--> statement-breakpoint
CREATE INDEX "log_spans_tenant" ON "log_spans" USING btree ("tenant","last");