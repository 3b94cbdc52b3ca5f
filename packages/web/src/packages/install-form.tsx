import { Button, Checkbox, Chip, FileButton, Select } from "@mantine/core";
import type { Build, DeviceId } from "@phonerack/contract/api";
import { useQuery } from "@tanstack/react-query";
import type { TFunction } from "i18next";
import { type DragEvent, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.js";
import { ErrorNote } from "../frame/error-note.js";
import { formatBytes, formatTime } from "../language/format.js";
import { useLive } from "../live/live.js";
import { OnPhones, type WorkFormProps } from "../workbench/work-form.js";
import css from "./packages.module.css";

/** Which build goes onto which of the phones that one holds; APKs that are dropped here go there at once. */
export function InstallForm({ order, devices, onWanted, foot }: WorkFormProps) {
  const { t } = useTranslation();
  const { dock, orders } = useLive();
  const builds = useQuery(api.builds.list.queryOptions({ input: { limit: 200 } }));
  const items = builds.data?.items ?? [];
  const [chosen, setChosen] = useState(order.build);
  const build = items.find(({ id }) => id === chosen) ?? (chosen === undefined ? items[0] : undefined);
  const [grant, setGrant] = useState(false);
  const [downgrade, setDowngrade] = useState(false);
  const { places, on, setOff } = usePlaces(devices);
  const takeFiles = (files: readonly File[]) => {
    dock.take(files, on);
    orders.close();
  };
  return (
    <form
      className={`form ${css.form}`}
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event: DragEvent) => {
        event.preventDefault();
        takeFiles([...event.dataTransfer.files]);
      }}
      onSubmit={(event) => {
        event.preventDefault();
        if (!build) return;
        const action = { type: "install", package: build.package, files: build.files, grant, downgrade } as const;
        onWanted({ action, devices: on });
      }}
    >
      {builds.error && <ErrorNote error={builds.error} onAgain={() => void builds.refetch()} />}
      {builds.data && items.length === 0 ? (
        <p>{t("builds.noBuilds")}</p>
      ) : (
        <Select
          data-autofocus
          label={t("builds.choose")}
          description={t("builds.chooseHint")}
          searchable
          allowDeselect={false}
          disabled={builds.isPending}
          data={items.map((each) => ({ value: each.id, label: labelOf(each) }))}
          value={build?.id ?? null}
          onChange={(id) => setChosen(id ?? undefined)}
        />
      )}
      {build && <p className={css.dim}>{factsOf(t, build)}</p>}
      <div>
        <FileButton multiple accept=".apk,.aab,application/vnd.android.package-archive" onChange={takeFiles}>
          {(props) => (
            <Button {...props} size="xs" variant="default">
              {t("builds.chooseFiles")}
            </Button>
          )}
        </FileButton>
      </div>
      {places.length > 1 && (
        <fieldset className={css.places}>
          <legend>{t("builds.phones")}</legend>
          {places.map(({ chassis, ids }) => (
            <Chip
              key={chassis}
              size="xs"
              checked={ids.some((id) => on.includes(id))}
              onChange={(checked) => setOff(chassis, !checked)}
            >
              {chassis === "" ? t("jobs.noChassis") : chassis} · {ids.length}
            </Chip>
          ))}
        </fieldset>
      )}
      <OnPhones devices={on} />
      <Checkbox label={t("builds.grant")} checked={grant} onChange={(event) => setGrant(event.currentTarget.checked)} />
      <Checkbox
        label={t("builds.downgrade")}
        checked={downgrade}
        onChange={(event) => setDowngrade(event.currentTarget.checked)}
      />
      {foot(build !== undefined, on)}
    </form>
  );
}

function labelOf({ label, versionName, versionCode }: Build): string {
  return `${label} ${versionName || versionCode}`;
}

function factsOf(t: TFunction, build: Build): string {
  const { abis, size, note, uploadedAt, uploadedByName } = build;
  return [
    build.package,
    formatBytes(size),
    abis.length > 0 ? t("builds.abis", { abis: abis.join(", ") }) : t("builds.anyAbi"),
    t("builds.by", { time: formatTime(uploadedAt), who: uploadedByName }),
    note,
  ]
    .filter(Boolean)
    .join(" · ");
}

/** The phones by their chassis; those of a chassis that is switched off are left out. */
function usePlaces(ids: readonly DeviceId[]) {
  const { devices } = useLive();
  const [off, setOffs] = useState<ReadonlySet<string>>(new Set());
  const places = useMemo(() => {
    const found = new Map<string, DeviceId[]>();
    for (const id of ids) {
      const chassis = devices.get(id)?.chassis ?? "";
      found.set(chassis, [...(found.get(chassis) ?? []), id]);
    }
    return [...found].map(([chassis, placed]) => ({ chassis, ids: placed }));
  }, [ids, devices]);
  const on = useMemo(() => places.flatMap((place) => (off.has(place.chassis) ? [] : place.ids)), [places, off]);
  const setOff = (chassis: string, out: boolean) =>
    setOffs((before) => new Set(out ? [...before, chassis] : [...before].filter((each) => each !== chassis)));
  return { places, on, setOff };
}
