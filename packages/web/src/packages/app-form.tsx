import { Autocomplete, Checkbox, SegmentedControl, Select, TextInput } from "@mantine/core";
import { type DeviceAction, PackageName } from "@phonerack/contract/api";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.js";
import { ALL_AT_ONCE, type Pace, PaceFields, paceOf } from "../jobs/pace-fields.js";
import { OnPhones, type WorkFormProps } from "../workbench/work-form.js";
import css from "./packages.module.css";

const DEEDS = ["launch", "stop", "clear", "uninstall", "permission"] as const;
type Deed = (typeof DEEDS)[number];
/** What is lost by them is lost on every phone. */
const LOSES: ReadonlySet<Deed> = new Set<Deed>(["clear", "uninstall"]);
const PERMISSION = /^[\w.]{1,200}$/;

/** What is done with one app on many phones at once. */
export function AppForm({ devices, onWanted, foot }: WorkFormProps) {
  const { t } = useTranslation();
  const apps = useQuery(api.apps.list.queryOptions({ input: { limit: 200 } }));
  const [name, setName] = useState("");
  const [deed, setDeed] = useState<Deed>("launch");
  const [permission, setPermission] = useState("");
  const [granted, setGranted] = useState(true);
  const [sure, setSure] = useState(false);
  const [pace, setPace] = useState<Pace>(ALL_AT_ONCE);
  const known = PackageName.safeParse(name.trim()).success;
  const permissible = PERMISSION.test(permission.trim());
  const ready = known && (deed !== "permission" || permissible) && (!LOSES.has(deed) || sure);
  const actionOf = (): DeviceAction => {
    const target = { package: name.trim() };
    if (deed === "permission") return { type: deed, ...target, permission: permission.trim(), granted };
    if (deed === "uninstall") return { type: deed, ...target, keepData: false };
    return { type: deed, ...target };
  };
  return (
    <form
      className={css.form}
      onSubmit={(event) => {
        event.preventDefault();
        if (ready) onWanted({ action: actionOf(), ...paceOf(pace, devices.length) });
      }}
    >
      <OnPhones devices={devices} />
      <Autocomplete
        data-autofocus
        required
        label={t("work.app")}
        description={t("work.appHint")}
        placeholder="com.example.app"
        error={name.trim() !== "" && !known}
        data={[...new Set(apps.data?.items.map((app) => app.package))].sort()}
        limit={50}
        maxLength={200}
        value={name}
        onChange={(text) => {
          setName(text);
          setSure(false);
        }}
      />
      <Select
        label={t("work.deed")}
        allowDeselect={false}
        data={DEEDS.map((value) => ({ value, label: t(`work.deeds.${value}`) }))}
        value={deed}
        onChange={(value) => {
          setDeed(value ?? "launch");
          setSure(false);
        }}
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
      {LOSES.has(deed) && (
        <Checkbox
          label={t(deed === "clear" ? "work.clearSure" : "work.uninstallSure", { count: devices.length })}
          checked={sure}
          onChange={(event) => setSure(event.currentTarget.checked)}
        />
      )}
      {devices.length > 1 && <PaceFields pace={pace} onChange={setPace} />}
      {foot(ready)}
    </form>
  );
}
