import { Skeleton, Switch } from "@mantine/core";
import type { Device, InstalledPackage, PackageDetail } from "@phonerack/contract/api";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.js";
import { shortDigest } from "../apps/short-digest.js";
import { ErrorNote } from "../frame/error-note.js";
import { formatBytes, formatDateTime } from "../language/format.js";
import css from "./packages.module.css";
import { usePackageAction } from "./use-package-action.js";

/** All that the phone tells of an app, asked when it is opened. */
export function PackageFacts({ device, item }: { device: Device; item: InstalledPackage }) {
  const detail = useQuery(api.devices.package.queryOptions({ input: { id: device.id, package: item.package }, staleTime: 0 }));
  if (detail.error) return <ErrorNote error={detail.error} onAgain={() => void detail.refetch()} />;
  if (!detail.data) return <Skeleton height={96} />;
  return (
    <>
      <Facts detail={detail.data} />
      <Permissions device={device} detail={detail.data} />
    </>
  );
}

function Facts({ detail }: { detail: PackageDetail }) {
  const { t } = useTranslation();
  const { versionName, versionCode, signer, minSdk, targetSdk, size } = detail;
  return (
    <dl className={css.facts}>
      <Fact name={t("packages.version")}>
        {versionCode !== null && t("packages.versionValue", { name: versionName ?? "", code: versionCode })}
        {detail.debuggable && ` · ${t("packages.debuggable")}`}
      </Fact>
      <Fact name={t("packages.signer")}>
        {signer && (
          <span className="mono" title={signer}>
            {shortDigest(signer)}
          </span>
        )}
      </Fact>
      <Fact name={t("packages.sdk")}>
        {targetSdk !== null && t("packages.sdkValue", { target: targetSdk, min: minSdk ?? "?" })}
      </Fact>
      <Fact name={t("packages.size")}>
        {size &&
          t("packages.sizeValue", {
            code: formatBytes(size.code),
            data: formatBytes(size.data),
            cache: formatBytes(size.cache),
          })}
      </Fact>
      <Fact name={t("packages.installedAt")}>{timeOf(detail.installedAt)}</Fact>
      <Fact name={t("packages.updatedAt")}>{timeOf(detail.updatedAt)}</Fact>
      {detail.installer && <Fact name={t("packages.installer")}>{detail.installer}</Fact>}
      {detail.launcher && <Fact name={t("packages.opens")}>{detail.launcher}</Fact>}
      {detail.splits.length > 0 && <Fact name={t("packages.splits")}>{detail.splits.join(", ")}</Fact>}
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  const { t } = useTranslation();
  return (
    <>
      <dt>{name}</dt>
      <dd>{children || <span className={css.dim}>{t("packages.unknown")}</span>}</dd>
    </>
  );
}

/** As the phone writes them, in its own clock; as the reader's language writes them where they can be read. */
function timeOf(text: string | null): string | null {
  if (text === null) return null;
  const at = Date.parse(text);
  return Number.isNaN(at) ? text : formatDateTime(at);
}

/** Runtime permissions, given and taken at once. */
function Permissions({ device, detail }: { device: Device; detail: PackageDetail }) {
  const { t } = useTranslation();
  const { run, running, error } = usePackageAction(device.id);
  const changing = running?.type === "permission" ? running.permission : undefined;
  return (
    <>
      <h3 className={css.title}>{t("packages.permissions")}</h3>
      {error && <ErrorNote error={error} />}
      {detail.permissions.length === 0 && <p className={css.dim}>{t("packages.permissionsNone")}</p>}
      <ul className={css.permissions}>
        {detail.permissions.map(({ name, granted }) => (
          <li key={name}>
            <Switch
              size="xs"
              label={shortPermission(name)}
              title={name}
              disabled={changing !== undefined}
              checked={changing === name ? !granted : granted}
              onChange={(event) =>
                run({ type: "permission", package: detail.package, permission: name, granted: event.currentTarget.checked })
              }
            />
          </li>
        ))}
      </ul>
    </>
  );
}

/** Android's own by their last word; others' whole. */
function shortPermission(name: string): string {
  return name.replace(/^android\.permission\./, "");
}
