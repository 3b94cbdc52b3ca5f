/** dumpsys account, device_policy and lock_settings: what people set up on the phone themselves. */
import { longComponent, shortComponent } from "../../phone/intent.js";
import type { Phone } from "../../phone/phone.js";

export function dumpAccounts(phone: Phone): string[] {
  const accounts = phone.accounts.list();
  const types = [...new Map(accounts.map(({ type, package: name }) => [type, name]))];
  return [
    "User UserInfo{0:Owner:4c13}:",
    `  Accounts: ${accounts.length}`,
    ...accounts.map(({ name, type }) => `    Account {name=${name}, type=${type}}`),
    "",
    "  Accounts History",
    "  AccountId, Action_Type, timestamp, UID, TableName, Key",
    "",
    "  Active Sessions: 0",
    "",
    `  RegisteredServicesCache: ${types.length} services`,
    ...types.map(
      ([type, name]) =>
        `    ServiceInfo: AuthenticatorDescription {type=${type}}, ComponentInfo{${name}/${name}.AuthenticatorService}, uid ${phone.packages.get(name)?.uid ?? 0}`,
    ),
  ];
}

export function dumpDevicePolicy(phone: Phone): string[] {
  const { owner } = phone.admins;
  const { sdk } = phone.model;
  return [
    "Current Device Policy Manager state:",
    ...(sdk >= 29 ? ["  Immutable state:", "    mHasFeature=true"] : []),
    ...(owner
      ? [
          "  Device Owner: ",
          `    admin=ComponentInfo{${longComponent(owner.component)}}`,
          "    name=",
          `    package=${owner.component.package}`,
          "    User ID: 0",
        ]
      : []),
    "",
    `  Enabled Device Admins (User 0, provisioningState: ${owner ? 3 : 0}):`,
    ...phone.admins
      .list()
      .flatMap(({ component, testOnly }) => [
        `    ${shortComponent(component)}:`,
        `      uid=${phone.packages.get(component.package)?.uid ?? 0}`,
        `      testOnlyAdmin=${testOnly}`,
        "      policies:",
        "        force-lock",
        "      passwordQuality=0x0",
      ]),
    "     ",
    "  mPasswordOwner=-1",
  ];
}

/** From API 28 it says what kind of lock there is; before, nothing of use. */
export function dumpLockSettings(phone: Phone): string[] {
  if (phone.model.sdk < 28) return [];
  const kind = phone.power.secure ? "Pin" : "None";
  return [
    "Current lock settings service state:",
    "",
    "User State:",
    "  User 0",
    "    SP Handle: 0",
    ...(phone.model.sdk >= 30 ? [`    CredentialType: ${kind}`] : [`    Quality: ${phone.power.secure ? "0x20000" : "0x0"}`]),
    "    SeparateChallenge: true",
  ];
}
