import { Skeleton } from "@mantine/core";
import type { Device, DeviceSettings } from "@phonerack/contract/api";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.js";
import { ErrorNote } from "../frame/error-note.js";
import { doOnDevice } from "../jobs/do-on-device.js";
import { mayTouch } from "../session/may.js";
import { useSession } from "../session/use-session.js";
import { Clipboard } from "./clipboard.js";
import css from "./phone-settings.module.css";
import { SettingsFields } from "./settings-fields.js";

/** One phone's own settings as they are; each that is changed applies at once. For its holder. */
export function SettingsPanel({ device }: { device: Device }) {
  const session = useSession();
  if (!mayTouch(session, device) || device.state !== "ready") return null;
  return (
    <>
      <Settings key={device.id} device={device} />
      <Clipboard key={`clipboard ${device.id}`} device={device} />
    </>
  );
}

function Settings({ device }: { device: Device }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const input = { id: device.id };
  const now = useQuery({
    ...api.devices.settings.queryOptions({ input, staleTime: 0 }),
    // What is turned on the phone itself is to be seen here too.
    queryKey: [...api.devices.settings.queryKey({ input }), device.screen?.rotation],
    placeholderData: (before) => before,
  });
  const apply = useMutation({
    mutationFn: (settings: DeviceSettings) => doOnDevice(device.id, { type: "settings", settings }),
    onSettled: () => queries.invalidateQueries({ queryKey: api.devices.settings.key() }),
  });
  const applying = apply.isPending ? apply.variables : undefined;
  return (
    <section aria-label={t("phone.settings")}>
      <h3 className={css.title}>{t("phone.settings")}</h3>
      <p className={css.dim}>{t("phone.settingsHow")}</p>
      {now.error && !now.data && <ErrorNote error={now.error} onAgain={() => void now.refetch()} />}
      {now.isPending && (
        <div aria-busy="true">
          <span className="visually-hidden">{t("phone.asking")}</span>
          <Skeleton height={252} />
        </div>
      )}
      {now.data && (
        <SettingsFields
          values={{ ...now.data, ...applying }}
          unsupported={now.data.unsupported}
          applying={Object.keys(applying ?? {})}
          onChange={(next) => apply.mutate(next as DeviceSettings)}
        />
      )}
      {apply.error && <ErrorNote error={apply.error} />}
      {apply.data?.note && <p className={css.note}>{apply.data.note}</p>}
    </section>
  );
}
