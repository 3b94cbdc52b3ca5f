import { Button, Skeleton, Switch, TextInput } from "@mantine/core";
import type { Device } from "@phonerack/contract/api";
import { IconPackageImport } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.js";
import { ErrorNote } from "../frame/error-note.js";
import { useLive } from "../live/live.js";
import { mayTouch } from "../session/may.js";
import { useSession } from "../session/use-session.js";
import { PackageItem } from "./package-item.js";
import css from "./packages.module.css";
import { sortPackages } from "./sort-packages.js";

const AGAIN_MS = 10_000;

/** The apps on one phone that one holds: what they are, and what is done with them. */
export function Packages({ device }: { device: Device }) {
  const { t } = useTranslation();
  const session = useSession();
  if (!mayTouch(session, device)) return <p className={css.blank}>{t("packages.notYours")}</p>;
  if (device.state !== "ready") return <p className={css.blank}>{t("packages.notReady")}</p>;
  return <Installed device={device} />;
}

function Installed({ device }: { device: Device }) {
  const { t } = useTranslation();
  const { orders } = useLive();
  const [text, setText] = useState("");
  const [system, setSystem] = useState(false);
  const [opened, setOpened] = useState<string>();
  const input = { id: device.id };
  const packages = useQuery({
    ...api.devices.packages.queryOptions({ input, refetchInterval: AGAIN_MS, placeholderData: (before) => before }),
    // What is in front and what the fence has disabled changes what the list says.
    queryKey: [...api.devices.packages.queryKey({ input }), device.foreground?.package, device.fence?.state],
  });
  const apps = useQuery(api.apps.list.queryOptions({ input: { limit: 1_000 } }));
  const shown = useMemo(
    () => packages.data && sortPackages(packages.data.items, { text, system }),
    [packages.data, text, system],
  );
  const iconOf = (name: string) => apps.data?.items.find((app) => app.package === name && app.hasIcon)?.id;
  return (
    <section className={css.panel} aria-label={t("packages.title")}>
      <div className={css.tools}>
        <TextInput
          size="xs"
          aria-label={t("packages.find")}
          placeholder={t("packages.find")}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <Button
          size="xs"
          leftSection={<IconPackageImport size={14} stroke={1.5} aria-hidden="true" />}
          onClick={() => orders.ask({ kind: "install", devices: [device.id] })}
        >
          {t("packages.install")}
        </Button>
      </div>
      <div className={css.tools} style={{ marginTop: 8 }}>
        <span className={css.dim} role="status">
          {shown ? t("packages.count", { count: shown.length }) : t("packages.loading")}
        </span>
        <Switch
          size="xs"
          label={t("packages.system")}
          checked={system}
          onChange={(event) => setSystem(event.currentTarget.checked)}
        />
      </div>
      {packages.isPending && [1, 2, 3, 4].map((at) => <Skeleton key={at} height={32} mt={16} />)}
      {packages.error && !packages.data && <ErrorNote error={packages.error} onAgain={() => void packages.refetch()} />}
      {shown?.length === 0 && <p className={css.blank}>{t(text ? "packages.none" : "packages.noneAtAll")}</p>}
      <ul className={css.list}>
        {shown?.map((each) => (
          <PackageItem
            key={each.package}
            device={device}
            item={each}
            icon={iconOf(each.package)}
            opened={opened === each.package}
            onToggle={() => setOpened((before) => (before === each.package ? undefined : each.package))}
          />
        ))}
      </ul>
      <p className={css.dim}>{t("packages.dropHint")}</p>
    </section>
  );
}
