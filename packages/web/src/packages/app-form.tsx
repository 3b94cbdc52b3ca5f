import { Autocomplete, SegmentedControl, Select, TextInput } from "@mantine/core";
import { type DeviceAction, PackageName } from "@phonerack/contract/api";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.js";
import { DeedForm } from "../workbench/deed-form.js";
import type { WorkFormProps } from "../workbench/work-form.js";

const DEEDS = ["launch", "stop", "clear", "uninstall", "permission"] as const;
type Deed = (typeof DEEDS)[number];
const PERMISSION = /^[\w.]{1,200}$/;

/** What is done with one app on many phones at once. */
export function AppForm(props: WorkFormProps) {
  const { t } = useTranslation();
  const apps = useQuery(api.apps.list.queryOptions({ input: { limit: 200 } }));
  const [text, setText] = useState("");
  const [deed, setDeed] = useState<Deed>("launch");
  const [permission, setPermission] = useState("");
  const [granted, setGranted] = useState(true);
  const name = text.trim();
  const known = PackageName.safeParse(name).success;
  const permissible = PERMISSION.test(permission.trim());
  const actionOf = (): DeviceAction | undefined => {
    if (!known) return undefined;
    if (deed === "uninstall") return { type: deed, package: name, keepData: false };
    if (deed !== "permission") return { type: deed, package: name };
    return permissible ? { type: deed, package: name, permission: permission.trim(), granted } : undefined;
  };
  const loses = deed === "clear" || deed === "uninstall" ? t(`work.${deed}Sure`, { count: props.devices.length }) : undefined;
  return (
    <DeedForm {...props} action={actionOf()} loses={loses}>
      <Autocomplete
        data-autofocus
        required
        label={t("work.app")}
        description={t("work.appHint")}
        placeholder="com.example.app"
        error={name !== "" && !known}
        data={[...new Set(apps.data?.items.map((app) => app.package))].sort()}
        limit={50}
        maxLength={200}
        value={text}
        onChange={setText}
      />
      <Select
        label={t("work.deed")}
        allowDeselect={false}
        data={DEEDS.map((value) => ({ value, label: t(`work.deeds.${value}`) }))}
        value={deed}
        onChange={(value) => setDeed(value ?? "launch")}
      />
      {deed === "permission" && (
        <>
          <TextInput
            required
            label={t("work.permission")}
            placeholder="android.permission.CAMERA"
            error={permission.trim() !== "" && !permissible}
            maxLength={200}
            value={permission}
            onChange={(event) => setPermission(event.currentTarget.value)}
          />
          <SegmentedControl
            size="xs"
            aria-label={t("work.permissionHow")}
            value={granted ? "grant" : "revoke"}
            data={(["grant", "revoke"] as const).map((value) => ({ value, label: t(`work.${value}`) }))}
            onChange={(value) => setGranted(value === "grant")}
          />
        </>
      )}
    </DeedForm>
  );
}
