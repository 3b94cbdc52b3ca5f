-- Each change of what the lab rests on is written down for its log in the change's own transaction: no code can forget it, and nothing is logged that was rolled back.
-- A trigger names the columns that are told; "column?" tells only whether there is something in it, "column#" only its digest. What people wrote (names, reasons, addresses), secrets and their digests are not told.
CREATE FUNCTION phonerack_told(picture jsonb, columns text[]) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT coalesce(jsonb_object_agg(
    rtrim(name, '?#'),
    CASE right(name, 1)
      WHEN '?' THEN to_jsonb(coalesce(picture -> rtrim(name, '?'), 'null'::jsonb) <> 'null'::jsonb)
      WHEN '#' THEN to_jsonb(encode(sha256(convert_to((picture -> rtrim(name, '#'))::text, 'UTF8')), 'hex'))
      ELSE picture -> name
    END
  ), '{}'::jsonb)
  FROM unnest(columns) AS name
$$;--> statement-breakpoint
CREATE FUNCTION phonerack_log_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  told jsonb;
BEGIN
  IF TG_OP = 'DELETE' THEN
    told := phonerack_told(to_jsonb(OLD), TG_ARGV);
  ELSE
    told := phonerack_told(to_jsonb(NEW), TG_ARGV);
    IF TG_OP = 'UPDATE' AND told = phonerack_told(to_jsonb(OLD), TG_ARGV) THEN
      RETURN NULL;
    END IF;
  END IF;
  INSERT INTO log_queue (kind, body) VALUES ('change', jsonb_build_object('table', TG_TABLE_NAME, 'op', lower(TG_OP), 'row', told));
  RETURN NULL;
END
$$;--> statement-breakpoint
CREATE FUNCTION phonerack_log_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO log_queue (kind, body) VALUES (
    'event',
    jsonb_build_object('event', NEW.kind, 'actor', NEW.actor, 'tenant', NEW.tenant, 'subject', NEW.subject)
  );
  RETURN NULL;
END
$$;--> statement-breakpoint
CREATE TRIGGER log_event AFTER INSERT ON "events" FOR EACH ROW EXECUTE FUNCTION phonerack_log_event();--> statement-breakpoint
CREATE TRIGGER log_change AFTER INSERT OR UPDATE OR DELETE ON "leases" FOR EACH ROW EXECUTE FUNCTION phonerack_log_change('id', 'tenant', 'actor', 'phase', 'from', 'until', 'ended_at', 'end_reason');--> statement-breakpoint
CREATE TRIGGER log_change AFTER INSERT OR UPDATE OR DELETE ON "lease_devices" FOR EACH ROW EXECUTE FUNCTION phonerack_log_change('lease_id', 'device_id', 'epoch');--> statement-breakpoint
CREATE TRIGGER log_change AFTER INSERT OR UPDATE OR DELETE ON "holds" FOR EACH ROW EXECUTE FUNCTION phonerack_log_change('device_id', 'epoch', 'state', 'lease_id', 'ended_at', 'cleaned_at', 'quarantined_at');--> statement-breakpoint
CREATE TRIGGER log_change AFTER INSERT OR UPDATE OR DELETE ON "supports" FOR EACH ROW EXECUTE FUNCTION phonerack_log_change('device_id', 'lease_id', 'by', 'since', 'until');--> statement-breakpoint
CREATE TRIGGER log_change AFTER INSERT OR UPDATE OR DELETE ON "quotas" FOR EACH ROW EXECUTE FUNCTION phonerack_log_change('tenant', 'devices_at_once', 'hours_per_month');--> statement-breakpoint
CREATE TRIGGER log_change AFTER INSERT OR UPDATE OR DELETE ON "trial_limits" FOR EACH ROW EXECUTE FUNCTION phonerack_log_change('tenant', 'devices_per_day');--> statement-breakpoint
CREATE TRIGGER log_change AFTER INSERT OR UPDATE OR DELETE ON "retentions" FOR EACH ROW EXECUTE FUNCTION phonerack_log_change('tenant', 'days', 'bytes');--> statement-breakpoint
CREATE TRIGGER log_change AFTER INSERT OR UPDATE OR DELETE ON "permits" FOR EACH ROW EXECUTE FUNCTION phonerack_log_change('id', 'tenant', 'package', 'devices', 'until', 'by');--> statement-breakpoint
CREATE TRIGGER log_change AFTER INSERT OR UPDATE OR DELETE ON "apps" FOR EACH ROW EXECUTE FUNCTION phonerack_log_change('id', 'tenant', 'package', 'signer', 'ownership?');--> statement-breakpoint
CREATE TRIGGER log_change AFTER INSERT OR UPDATE OR DELETE ON "members" FOR EACH ROW EXECUTE FUNCTION phonerack_log_change('id', 'organization_id', 'user_id', 'role');--> statement-breakpoint
CREATE TRIGGER log_change AFTER INSERT OR UPDATE OR DELETE ON "organizations" FOR EACH ROW EXECUTE FUNCTION phonerack_log_change('id');--> statement-breakpoint
CREATE TRIGGER log_change AFTER INSERT OR UPDATE OR DELETE ON "api_keys" FOR EACH ROW EXECUTE FUNCTION phonerack_log_change('id', 'reference_id', 'enabled', 'expires_at', 'permissions');--> statement-breakpoint
CREATE TRIGGER log_change AFTER INSERT OR UPDATE OR DELETE ON "adb_keys" FOR EACH ROW EXECUTE FUNCTION phonerack_log_change('id', 'actor', 'fingerprint');--> statement-breakpoint
CREATE TRIGGER log_change AFTER INSERT OR UPDATE OR DELETE ON "enrolments" FOR EACH ROW EXECUTE FUNCTION phonerack_log_change('device_id', 'by', 'at');--> statement-breakpoint
CREATE TRIGGER log_change AFTER INSERT OR UPDATE OR DELETE ON "agents" FOR EACH ROW EXECUTE FUNCTION phonerack_log_change('id', 'joined_at', 'joined_by');--> statement-breakpoint
CREATE TRIGGER log_change AFTER INSERT OR DELETE ON "devices" FOR EACH ROW EXECUTE FUNCTION phonerack_log_change('id', 'agent');--> statement-breakpoint
-- Its report is written every few seconds: that alone is not even looked at.
CREATE TRIGGER log_moved AFTER UPDATE ON "devices" FOR EACH ROW WHEN (OLD.agent IS DISTINCT FROM NEW.agent) EXECUTE FUNCTION phonerack_log_change('id', 'agent');--> statement-breakpoint
CREATE TRIGGER log_change AFTER INSERT OR UPDATE OR DELETE ON "sites" FOR EACH ROW EXECUTE FUNCTION phonerack_log_change('name', 'country');--> statement-breakpoint
CREATE TRIGGER log_change AFTER INSERT OR UPDATE OR DELETE ON "chassis" FOR EACH ROW EXECUTE FUNCTION phonerack_log_change('name', 'site', 'rack', 'slots', 'tenant');--> statement-breakpoint
CREATE TRIGGER log_change AFTER INSERT OR UPDATE OR DELETE ON "slots" FOR EACH ROW EXECUTE FUNCTION phonerack_log_change('device_id', 'chassis', 'slot');--> statement-breakpoint
CREATE TRIGGER log_change AFTER INSERT OR UPDATE OR DELETE ON "groups" FOR EACH ROW EXECUTE FUNCTION phonerack_log_change('id', 'tenant', 'lease_id', 'actor', 'aim', 'leader', 'mode', 'ended_at');--> statement-breakpoint
CREATE TRIGGER log_change AFTER INSERT OR UPDATE OR DELETE ON "jobs" FOR EACH ROW EXECUTE FUNCTION phonerack_log_change('id', 'tenant', 'actor', 'mode', 'state', 'size');--> statement-breakpoint
CREATE TRIGGER log_change AFTER INSERT OR UPDATE OR DELETE ON "register_records" FOR EACH ROW EXECUTE FUNCTION phonerack_log_change('device_id', 'record#', 'at', 'by');--> statement-breakpoint
CREATE TRIGGER log_change AFTER INSERT OR UPDATE OR DELETE ON "lab_facts" FOR EACH ROW EXECUTE FUNCTION phonerack_log_change('key', 'value#', 'at', 'by');--> statement-breakpoint
CREATE TRIGGER log_change AFTER INSERT OR UPDATE OR DELETE ON "egress_prefixes" FOR EACH ROW EXECUTE FUNCTION phonerack_log_change('prefix', 'announced_at', 'from', 'until', 'by');--> statement-breakpoint
CREATE TRIGGER log_change AFTER INSERT OR UPDATE OR DELETE ON "tenancies" FOR EACH ROW EXECUTE FUNCTION phonerack_log_change('tenant', 'tier', 'state', 'review_due', 'at', 'by');--> statement-breakpoint
CREATE TRIGGER log_change AFTER INSERT OR UPDATE OR DELETE ON "lease_confirmations" FOR EACH ROW EXECUTE FUNCTION phonerack_log_change('lease_id', 'at', 'by');--> statement-breakpoint
CREATE TRIGGER log_change AFTER INSERT OR UPDATE OR DELETE ON "flags" FOR EACH ROW EXECUTE FUNCTION phonerack_log_change('id', 'rule', 'tenant', 'lease', 'device_id', 'at', 'leaves', 'state');--> statement-breakpoint
CREATE TRIGGER log_change AFTER INSERT OR UPDATE OR DELETE ON "abuse_cases" FOR EACH ROW EXECUTE FUNCTION phonerack_log_change('id', 'state', 'created_at', 'due_at', 'closed_at');--> statement-breakpoint
INSERT INTO log_queue (kind, body) SELECT 'change', jsonb_build_object('table', 'organizations', 'op', 'insert', 'row', phonerack_told(to_jsonb(known), ARRAY['id'])) FROM "organizations" AS known;--> statement-breakpoint
INSERT INTO log_queue (kind, body) SELECT 'change', jsonb_build_object('table', 'members', 'op', 'insert', 'row', phonerack_told(to_jsonb(known), ARRAY['id', 'organization_id', 'user_id', 'role'])) FROM "members" AS known;--> statement-breakpoint
INSERT INTO log_queue (kind, body) SELECT 'change', jsonb_build_object('table', 'apps', 'op', 'insert', 'row', phonerack_told(to_jsonb(known), ARRAY['id', 'tenant', 'package', 'signer', 'ownership?'])) FROM "apps" AS known;--> statement-breakpoint
INSERT INTO log_queue (kind, body) SELECT 'change', jsonb_build_object('table', 'permits', 'op', 'insert', 'row', phonerack_told(to_jsonb(known), ARRAY['id', 'tenant', 'package', 'devices', 'until', 'by'])) FROM "permits" AS known;--> statement-breakpoint
INSERT INTO log_queue (kind, body) SELECT 'change', jsonb_build_object('table', 'enrolments', 'op', 'insert', 'row', phonerack_told(to_jsonb(known), ARRAY['device_id', 'by', 'at'])) FROM "enrolments" AS known;--> statement-breakpoint
INSERT INTO log_queue (kind, body) SELECT 'change', jsonb_build_object('table', 'agents', 'op', 'insert', 'row', phonerack_told(to_jsonb(known), ARRAY['id', 'joined_at', 'joined_by'])) FROM "agents" AS known;--> statement-breakpoint
INSERT INTO log_queue (kind, body) SELECT 'change', jsonb_build_object('table', 'leases', 'op', 'insert', 'row', phonerack_told(to_jsonb(known), ARRAY['id', 'tenant', 'actor', 'phase', 'from', 'until', 'ended_at', 'end_reason'])) FROM "leases" AS known WHERE phase <> 'ended';--> statement-breakpoint
INSERT INTO log_queue (kind, body) SELECT 'change', jsonb_build_object('table', 'lease_devices', 'op', 'insert', 'row', phonerack_told(to_jsonb(known), ARRAY['lease_id', 'device_id', 'epoch'])) FROM "lease_devices" AS known WHERE lease_id IN (SELECT id FROM leases WHERE phase <> 'ended');--> statement-breakpoint
INSERT INTO log_queue (kind, body) SELECT 'change', jsonb_build_object('table', 'holds', 'op', 'insert', 'row', phonerack_told(to_jsonb(known), ARRAY['device_id', 'epoch', 'state', 'lease_id', 'ended_at', 'cleaned_at', 'quarantined_at'])) FROM "holds" AS known;
