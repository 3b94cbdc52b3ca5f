CREATE TABLE "log_tallies" (
	"hour" integer NOT NULL,
	"kind" text NOT NULL,
	"leaves" bigint NOT NULL,
	"denials" bigint NOT NULL,
	CONSTRAINT "log_tallies_hour_kind_pk" PRIMARY KEY("hour","kind")
);
