/**
 * In which columns a person stands, and which of these records they are given: named one by one, so that a record in which others stand too, a secret or a
 * digest of one is given to nobody because somebody is named beside it. What SQL is made of it is `records.ts`'s.
 */

/** By whom a record is found: `actors` are the person's id and their keys, `leases` those that they held. */
export type By = "person" | "actors" | "keys" | "email" | "leases";

export interface About {
  readonly table: string;
  /** Where one of these stands in one of the columns, the record is theirs. */
  readonly columns: readonly string[];
  readonly by: By;
  readonly shown: readonly string[];
  /** The newest are given where not all can be. */
  readonly newest?: string;
  /** How they log in, and from where: theirs alone, no owner's of an organisation. */
  readonly own?: true;
  /** Under which name it is given, where its table's would be another's. */
  readonly as?: string;
}

export const ABOUT: readonly About[] = [
  {
    table: "users",
    columns: ["id"],
    by: "person",
    shown: ["id", "name", "email", "email_verified", "image", "created_at", "updated_at", "two_factor_enabled"],
  },
  {
    table: "auth_sessions",
    columns: ["user_id"],
    by: "person",
    shown: ["created_at", "updated_at", "expires_at", "ip_address", "user_agent", "active_organization_id"],
    newest: "created_at",
    own: true,
  },
  {
    table: "auth_accounts",
    columns: ["user_id"],
    by: "person",
    shown: ["provider_id", "account_id", "scope", "created_at", "updated_at"],
    own: true,
  },
  {
    table: "passkeys",
    columns: ["user_id"],
    by: "person",
    shown: ["name", "device_type", "backed_up", "transports", "created_at"],
    own: true,
  },
  { table: "two_factors", columns: ["user_id"], by: "person", shown: ["verified"], own: true },
  { table: "device_codes", columns: ["user_id"], by: "person", shown: ["status", "scope", "expires_at"], own: true },
  { table: "members", columns: ["user_id"], by: "person", shown: ["organization_id", "role", "created_at"] },
  {
    table: "invitations",
    columns: ["email"],
    by: "email",
    shown: ["organization_id", "email", "role", "status", "created_at", "expires_at"],
  },
  // Whom they invited is those people's own.
  {
    table: "invitations",
    as: "invitations_made",
    columns: ["inviter_id"],
    by: "person",
    shown: ["organization_id", "role", "status", "created_at", "expires_at"],
    newest: "created_at",
  },
  {
    table: "api_keys",
    columns: ["id"],
    by: "keys",
    shown: ["id", "name", "start", "enabled", "metadata", "request_count", "last_request", "created_at", "expires_at"],
    newest: "created_at",
  },
  { table: "adb_keys", columns: ["actor"], by: "actors", shown: ["id", "name", "fingerprint", "created_at", "used_at"] },
  {
    table: "leases",
    columns: ["actor"],
    by: "actors",
    shown: [
      "id",
      "tenant",
      "actor",
      "actor_name",
      "purpose",
      "phase",
      "created_at",
      "from",
      "until",
      "ended_at",
      "end_reason",
      "end_note",
      "idle_minutes",
      "active_at",
    ],
    newest: "created_at",
  },
  { table: "lease_devices", columns: ["lease_id"], by: "leases", shown: ["lease_id", "device_id", "period"] },
  { table: "lease_confirmations", columns: ["by"], by: "actors", shown: ["lease_id", "at"], newest: "at" },
  // Looks at their screens; they saw who it was while it lasted.
  {
    table: "supports",
    columns: ["lease_id"],
    by: "leases",
    shown: ["device_id", "lease_id", "by_name", "reason", "since", "until"],
    newest: "since",
  },
  {
    table: "supports",
    as: "supports_given",
    columns: ["by"],
    by: "actors",
    shown: ["device_id", "lease_id", "reason", "since", "until"],
    newest: "since",
  },
  {
    table: "events",
    columns: ["actor", "subject"],
    by: "actors",
    shown: ["at", "tenant", "actor", "kind", "subject", "detail"],
    newest: "at",
  },
  { table: "trials", columns: ["actor"], by: "actors", shown: ["day", "tenant", "device_id"] },
  {
    table: "jobs",
    columns: ["actor"],
    by: "actors",
    shown: ["id", "tenant", "actor", "name", "action", "mode", "state", "size", "created_at", "ended_at"],
    newest: "created_at",
  },
  {
    table: "groups",
    columns: ["actor"],
    by: "actors",
    shown: ["id", "tenant", "actor", "name", "lease_id", "mode", "created_at", "ended_at"],
    newest: "created_at",
  },
  { table: "flows", columns: ["created_by"], by: "actors", shown: ["id", "tenant", "name", "created_at"], newest: "created_at" },
  { table: "uploads", columns: ["actor"], by: "actors", shown: ["tenant", "name", "size", "created_at"] },
  {
    table: "builds",
    columns: ["uploaded_by"],
    by: "actors",
    shown: ["id", "tenant", "package", "label", "version_name", "note", "uploaded_at"],
    newest: "uploaded_at",
  },
  { table: "apps", columns: ["uploaded_by"], by: "actors", shown: ["id", "tenant", "package", "label", "uploaded_at"] },
  { table: "permits", columns: ["by"], by: "actors", shown: ["id", "tenant", "package", "devices", "until", "reason", "at"] },
  {
    table: "artifacts",
    columns: ["lease_id"],
    by: "leases",
    shown: [
      "id",
      "tenant",
      "lease_id",
      "device_name",
      "kind",
      "name",
      "size",
      "ms",
      "created_at",
      "created_by_name",
      "expires_at",
    ],
    newest: "created_at",
  },
  {
    table: "artifacts",
    as: "artifacts_made",
    columns: ["created_by"],
    by: "actors",
    shown: ["id", "tenant", "lease_id", "device_name", "kind", "name", "size", "ms", "created_at", "expires_at"],
    newest: "created_at",
  },
  {
    table: "crashes",
    columns: ["lease_id"],
    by: "leases",
    shown: ["id", "tenant", "lease_id", "device_name", "at", "kind", "package"],
    newest: "at",
  },
  { table: "flags", columns: ["lease"], by: "leases", shown: ["id", "rule", "lease", "device_id", "at", "state"], newest: "at" },
  { table: "enrolments", columns: ["by"], by: "actors", shown: ["device_id", "at"], newest: "at" },
  { table: "register_records", columns: ["by"], by: "actors", shown: ["device_id", "at"], newest: "at" },
  { table: "evidence", columns: ["by"], by: "actors", shown: ["subject", "name", "type", "size", "at"], newest: "at" },
  { table: "tenancies", columns: ["by"], by: "actors", shown: ["tenant", "tier", "at"], newest: "at" },
  { table: "lab_facts", columns: ["by"], by: "actors", shown: ["key", "at"] },
  { table: "egress_prefixes", columns: ["by"], by: "actors", shown: ["prefix", "announced_at"], newest: "announced_at" },
  { table: "agents", columns: ["joined_by"], by: "actors", shown: ["id", "host", "joined_at"] },
  { table: "join_codes", columns: ["created_by"], by: "actors", shown: ["expires_at"] },
  { table: "sign_on_providers", columns: ["user_id"], by: "person", shown: ["provider_id", "domain"] },
];

/** Columns with a person's name, beside one with their id. */
export const NAMES: readonly { readonly table: string; readonly name: string; readonly id: string }[] = [
  { table: "leases", name: "actor_name", id: "actor" },
  { table: "groups", name: "actor_name", id: "actor" },
  { table: "jobs", name: "actor_name", id: "actor" },
  { table: "supports", name: "by_name", id: "by" },
  { table: "permits", name: "by_name", id: "by" },
  { table: "builds", name: "uploaded_by_name", id: "uploaded_by" },
  { table: "artifacts", name: "created_by_name", id: "created_by" },
];
