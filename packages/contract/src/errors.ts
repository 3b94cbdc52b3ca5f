/**
 * The one table of errors: every refusal that a person, a script or another process of ours can meet has a row here.
 * A row is a code, an HTTP status and one sentence that says what to do. `docs/errors.md` shows it and a test compares both.
 */
export const ERRORS = {
  bad_request: { status: 400, message: "The request does not fit the contract; compare it with /api/v1/openapi.json." },
  unauthorised: {
    status: 401,
    message: "Log in: in the console, with 'phonerack login', or send a token or API key as 'Authorization: Bearer …'.",
  },
  link_used: { status: 401, message: "This link was used or has expired; run 'phonerack link' for a new one." },
  forbidden_origin: { status: 403, message: "This page may not call phonerack; open the console from its own address." },
  forbidden: { status: 403, message: "Your role may not do this; ask an owner of your organisation, or of the lab." },
  scope_missing: { status: 403, message: "This API key lacks the scope for this; make one that has it." },
  log_in_failed: { status: 401, message: "E-mail, password or code are wrong; try again or ask an owner for a new invitation." },
  log_in_again: { status: 403, message: "This needs a log-in of just now; log out, log in again and then do it." },
  sign_on_not_found: {
    status: 404,
    message: "No organisation here has single sign-on of this kind; look at the address, or log in with a password or passkey.",
  },
  device_code_invalid: {
    status: 404,
    message: "This terminal's code is wrong, was used or has expired; run 'phonerack login' there again.",
  },
  account_incomplete: {
    status: 409,
    message: "This needs an e-mail address and a password or passkey first; set them in your account.",
  },
  invitation_invalid: { status: 404, message: "This invitation was used, withdrawn or has expired; ask for a new one." },
  member_not_found: { status: 404, message: "Nobody here has this id; list the members to see who there is." },
  last_owner: { status: 409, message: "An organisation keeps at least one owner; make somebody else owner first." },
  tenant_not_found: { status: 404, message: "There is no such organisation; list the organisations to see which there are." },
  tenant_exists: { status: 409, message: "An organisation with this id exists already; choose another." },
  key_not_found: { status: 404, message: "There is no such API key; list the keys to see which there are." },
  denied: { status: 403, message: "The gate denied this input; the reason stands beside it." },
  not_found: { status: 404, message: "There is nothing at this address; see /api/v1/openapi.json for what there is." },
  device_not_found: { status: 404, message: "No device has this id; list the devices to see the ids there are." },
  device_not_ready: { status: 409, message: "The device is not ready; its state says why and what to do." },
  device_leads_out: {
    status: 409,
    message: "This phone must have no way out of the lab, and has one or was not looked at; the detail says which. Take another.",
  },
  device_in_use: { status: 409, message: "The device is still there; only a lost device can be forgotten." },
  device_quarantined: {
    status: 409,
    message: "The device is in quarantine; an operator looks at the reason, then wipes or clears it.",
  },
  device_busy: { status: 409, message: "The device is leased or being cleaned; end its lease or wait until it is free." },
  lease_required: { status: 403, message: "You do not hold this device; take it first ('Take', or 'phonerack lease take')." },
  watch_denied: {
    status: 403,
    message: "This screen is its holder's alone; take the device, or open a support session if you run the lab.",
  },
  lease_not_found: { status: 404, message: "There is no such lease; list the leases to see which there are." },
  lease_over: { status: 409, message: "This lease has ended; take the devices anew." },
  lease_unavailable: {
    status: 409,
    message: "Not all of it is free at that time, and nothing was taken; wait for it, or ask for less or for later.",
  },
  no_device_matches: { status: 422, message: "No device matches, free or not; the detail says which wish excludes them." },
  quota_exceeded: {
    status: 403,
    message: "This would exceed what your organisation may use; end a lease, or ask the lab for more.",
  },
  time_invalid: {
    status: 422,
    message: "These times cannot be; give a beginning now or later and an end after it, within the limits.",
  },
  place_not_found: { status: 404, message: "There is no such place; list the places to see which there are." },
  place_taken: { status: 409, message: "Another device is in this slot; move that one first." },
  lab_invalid: { status: 422, message: "This lab cannot be; nothing was changed. The detail says where to mend the file." },
  identity_settled: { status: 409, message: "Nobody doubts who this device is, or it cannot be that one." },
  app_not_found: { status: 404, message: "There is no such app; list the apps to see which there are." },
  apk_invalid: { status: 422, message: "This is no APK that Android would take; the detail says what is wrong with it." },
  apk_unsigned: {
    status: 422,
    message: "The APK's signature is missing, broken or contradicts itself; sign it anew (apksigner) and upload that.",
  },
  app_reaches: {
    status: 403,
    message:
      "This app asks for power over other apps, so it is not installed; an operator can approve it, the detail says for what.",
  },
  app_refused: { status: 403, message: "This app cannot become yours here; the detail says why and whom to ask." },
  nonce_invalid: { status: 409, message: "This nonce was used, has expired or is another app's; ask for a new one." },
  proof_wrong: {
    status: 422,
    message: "The signature does not fit the APK's certificate; sign the message with the key that signed the APK.",
  },
  permit_not_found: { status: 404, message: "There is no such permit; list the permits to see which there are." },
  group_not_found: { status: 404, message: "There is no such group; list the groups to see which there are." },
  group_over: { status: 409, message: "This group has ended; start another." },
  group_paused: { status: 409, message: "The group is paused; let it go on first." },
  group_refused: { status: 422, message: "These devices cannot be one group; the detail says which and why." },
  step_refused: { status: 422, message: "This step cannot be done by this group; the detail says why." },
  too_fast: { status: 429, message: "More steps a second than this group may do; slow down, or raise its limit." },
  fence_unagreed: {
    status: 409,
    message: "Apps would be disabled on devices that no operator has enrolled; look at the preview and agree.",
  },
  engine_unavailable: {
    status: 502,
    message: "The device's UI automation could not be started; end other automation on it, or aim by point.",
  },
  flow_not_found: { status: 404, message: "There is no such flow; list the flows to see which there are." },
  flow_invalid: { status: 422, message: "This is no Maestro flow that can be replayed; the detail says which line." },
  key_unreadable: { status: 400, message: "The signing key cannot be read; check the file, its alias and its password." },
  build_not_found: { status: 404, message: "There is no such build; list the app's builds to see which there are." },
  aab_refused: {
    status: 422,
    message: "An Android App Bundle (.aab) cannot be installed; make APKs of it with 'bundletool build-apks' and upload those.",
  },
  install_refused: { status: 422, message: "Android refused to install this; the detail says why in plain words." },
  package_not_found: { status: 404, message: "This app is not on the device; list its apps to see which are." },
  upload_not_found: { status: 404, message: "There is no such upload, or it was left for more than a day; begin it anew." },
  upload_offset: { status: 409, message: "The upload stands elsewhere; ask for its offset and go on from there." },
  digest_wrong: { status: 422, message: "The bytes that came are not the file that was announced; send it again." },
  blob_not_found: { status: 404, message: "The lab does not have this file, or it is not your organisation's; upload it first." },
  file_not_found: {
    status: 404,
    message: "There is no such file or folder on the device; list the folder to see what there is.",
  },
  file_exists: { status: 409, message: "There is something with this name already; choose another, or remove that first." },
  file_refused: {
    status: 403,
    message: "Android does not let the shell user do this to this file; the detail says what it said.",
  },
  path_invalid: { status: 422, message: "This path cannot be used on a device; the detail says why." },
  file_changed: {
    status: 409,
    message: "The file changed while it was read, and what came of it is worth nothing; read it again.",
  },
  device_full: { status: 507, message: "The device has no room for this; nothing was left of it. Remove something there first." },
  host_full: {
    status: 507,
    message: "The agent's host has no room for this; nothing was left of it. Its operator must make room.",
  },
  unrecorded: {
    status: 507,
    message: "The agent cannot write down what it decides, so nothing is done; its operator must make room on its disk.",
  },
  storage_full: {
    status: 507,
    message: "Your organisation's room in the lab is used up, or the lab's disk is full; remove builds or artifacts first.",
  },
  storage_unreachable: {
    status: 503,
    message:
      "The lab's object store does not answer or refuses; nothing was kept. Its operator checks --storage and its credentials.",
  },
  job_not_found: { status: 404, message: "There is no such job; list the jobs to see which there are." },
  job_over: { status: 409, message: "This job has ended; retry its failed devices, or begin another." },
  interrupted: {
    status: 409,
    message: "The agent was stopped in the middle of this, and it is not repeated by itself; look whether it was done.",
  },
  artifact_not_found: { status: 404, message: "There is no such artifact, or its time is over; list the artifacts." },
  recording_running: { status: 409, message: "This device is being recorded already; end that recording first." },
  recording_not_running: { status: 409, message: "This device is not being recorded; start a recording first." },
  nothing_recorded: { status: 409, message: "There is no picture of that time; watch or record the device, and then save it." },
  crash_not_found: { status: 404, message: "There is no such crash; list the crashes to see which there are." },
  setting_unsupported: { status: 422, message: "This device cannot be told this setting; the detail says which and why." },
  adb_key_not_found: { status: 404, message: "There is no such adb key; list your adb keys to see which there are." },
  adb_key_invalid: { status: 422, message: "This is no public key of adb; give the line in ~/.android/adbkey.pub." },
  adb_closed: {
    status: 409,
    message: "Adb and shells were closed on this device; the detail says why. Mend that and open them anew.",
  },
  pipe_broken: { status: 502, message: "The connection to the device's agent broke on the way; try again." },
  agent_not_found: { status: 404, message: "No agent has this name; list the agents to see which there are." },
  join_refused: { status: 401, message: "This join code was used, withdrawn or has expired; make a new one in the console." },
  agent_name_taken: { status: 409, message: "An agent of this name has joined already; choose another name or remove it first." },
  epoch_stale: { status: 409, message: "The lease this command belongs to is over; ask for the device again." },
  too_late: {
    status: 409,
    message: "The command reached the agent later than it allowed and was not carried out; send it again.",
  },
  too_large: { status: 413, message: "The message is larger than allowed; send less at once." },
  too_many: { status: 429, message: "Too many requests; wait a moment and try again." },
  internal: { status: 500, message: "phonerack failed at this; its log has the details under the same request id." },
  agent_unreachable: {
    status: 503,
    message: "The agent beside this device does not answer; check that it runs and reaches control.",
  },
  database_away: {
    status: 503,
    message: "The lab's database does not answer; nothing was changed. Try again, and check PostgreSQL if it stays away.",
  },
  device_timeout: { status: 504, message: "The device did not answer in time; look at its picture, then try again." },
  command_failed: { status: 422, message: "The command ended with another exit code than 0; what it printed says why." },
  phone_failed: { status: 502, message: "The device answered with an error; the detail says which." },
  phone_protocol: {
    status: 502,
    message: "The device sent bytes that are not ADB or scrcpy; its connection was closed and will be tried again.",
  },
  text_unsupported: { status: 422, message: "This device accepts no such text; its clipboard could not be set." },
  port_taken: { status: 500, message: "The port is taken by another program; choose another with --port." },
  data_unwritable: {
    status: 500,
    message: "The data folder cannot be written; choose another with --data or mend its permissions.",
  },
  data_in_use: { status: 500, message: "Another phonerack uses this data folder; stop it or choose another with --data." },
  database_corrupt: {
    status: 500,
    message: "The database in the data folder cannot be opened; move the folder away or restore a copy.",
  },
  database_unreachable: {
    status: 500,
    message: "The PostgreSQL server cannot be used; check its address, its log-in and that it runs.",
  },
  adb_missing: { status: 500, message: "adb was not found; install it (Debian: apt-get install adb) or run with --no-adb." },
  control_unreachable: {
    status: 500,
    message: "No phonerack answers at this address; start it with 'phonerack up' or give --control URL.",
  },
  nats_unreachable: { status: 500, message: "No NATS server answers at this address; start one or give another with --bus." },
  bus_keys_invalid: {
    status: 500,
    message: "The bus keys cannot be used; make them with 'phonerack bus-keys' and give their folder.",
  },
  https_needed: { status: 426, message: "This phonerack speaks https; use the same address with https:// in front." },
  certificate_untrusted: {
    status: 500,
    message: "This machine does not trust control's certificate; run 'phonerack login --control URL', or give --ca FILE.",
  },
  login_refused: { status: 401, message: "The log-in did not come about; run 'phonerack login' again and confirm its code." },
  credentials_unsafe: {
    status: 500,
    message: "The file with your log-ins cannot be used; the detail says why. Remove it and log in again.",
  },
  certificate_invalid: { status: 500, message: "The certificate or its key cannot be used; give a PEM certificate and its key." },
  egress_refused: {
    status: 409,
    message: "A lab's addresses are few, fixed and announced a day ahead; the detail says what does not fit.",
  },
  face_missing: { status: 404, message: "Nobody has said yet who runs this lab; its owner does, with 'phonerack face set'." },
  case_not_found: { status: 404, message: "There is no such case, or this is not its token." },
  tier_exceeded: {
    status: 403,
    message: "Your organisation's tier does not allow so many phones; 'phonerack tenants tier' says what is missing for more.",
  },
  tier_unmet: { status: 409, message: "What this tier asks for is missing; enter it first, the detail says what." },
  organisation_paused: { status: 403, message: "The lab has paused or ended your organisation; write to those who run it." },
  flag_not_found: { status: 404, message: "There is no such flag; list the flags to see which there are." },
  flag_settled: { status: 409, message: "This flag is not in a state for that; the detail says why." },
  paused: {
    status: 403,
    message: "A flag has paused this until a person has decided; look at your flags, and appeal if it is wrong.",
  },
  case_closed: { status: 409, message: "This case is closed; whoever asked may open another." },
  log_broken: {
    status: 500,
    message: "The lab's log does not fit what was committed to it, so nothing is appended; restore its tiles, then verify it.",
  },
  log_away: { status: 503, message: "The lab's log cannot be read or appended to at this moment; try again in some seconds." },
  log_unusable: { status: 422, message: "This log cannot be read here, so nothing can be said of it; the detail says why." },
  leaf_not_found: { status: 404, message: "The log has no leaf or tile at this place; its checkpoint says how large it is." },
  record_not_found: { status: 404, message: "The register has no record of this device; enter one." },
  imei_taken: { status: 409, message: "The register has this IMEI for another device already; one of the two is wrong." },
  licence_other: {
    status: 409,
    message: "A record has another number than the one that was looked up, or none; nothing was confirmed.",
  },
  evidence_not_found: { status: 404, message: "There is no such photo or document; the device's record lists those there are." },
  evidence_invalid: {
    status: 415,
    message: "Send a photo (JPEG, PNG, WebP) or a PDF, as the body or as the one file of a form.",
  },
  evidence_in_use: { status: 409, message: "A record rests on this document; take it out of the record first." },
  evidence_damaged: {
    status: 500,
    message: "This document's bytes are not those that were uploaded; attach it anew and look into who changed them.",
  },
  usage: { status: 400, message: "The command's words are off; see --help." },
} as const satisfies Record<string, { status: number; message: string }>;

export type ErrorCode = keyof typeof ERRORS;

/** An error of the table. `detail` adds what is known of this case; it is shown to people and must hold no secret. */
export class PhonerackError extends Error {
  readonly code: ErrorCode;
  readonly detail: string | undefined;

  constructor(code: ErrorCode, detail?: string, options?: ErrorOptions) {
    super(ERRORS[code].message, options);
    this.name = "PhonerackError";
    this.code = code;
    this.detail = detail;
  }

  get status(): number {
    return ERRORS[this.code].status;
  }

  toJSON(): { code: ErrorCode; message: string; detail?: string } {
    return { code: this.code, message: this.message, ...(this.detail === undefined ? {} : { detail: this.detail }) };
  }
}

export function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === "string" && Object.hasOwn(ERRORS, code);
}
