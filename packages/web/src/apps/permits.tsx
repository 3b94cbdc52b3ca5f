import { Button, Skeleton } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import type { DeviceId, Permit } from "@phonerack/contract/api";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.js";
import { ErrorNote } from "../frame/error-note.js";
import { formatTime } from "../language/format.js";
import { useDevice } from "../live/live.js";
import page from "../page/page.module.css";
import { Blank, Section } from "../page/section.js";
import { SureButton } from "../page/sure-button.js";
import { runsLab } from "../session/may.js";
import { useSession } from "../session/use-session.js";
import css from "./apps.module.css";
import { NewPermit } from "./new-permit.js";

/** Others' apps that may be driven by hand, on named phones, for a time. */
export function Permits() {
  const { t } = useTranslation();
  const lab = runsLab(useSession());
  const permits = useQuery(api.permits.list.queryOptions());
  const [adding, add] = useDisclosure(false);
  const items = permits.data?.items;
  return (
    <Section
      title={t("permits.title")}
      hint={t("permits.hint")}
      action={
        lab && (
          <Button size="xs" variant="default" onClick={add.open}>
            {t("permits.add")}
          </Button>
        )
      }
    >
      {permits.isPending && <Skeleton height={16} my={14} />}
      {permits.error && <ErrorNote error={permits.error} onAgain={() => void permits.refetch()} />}
      {items?.length === 0 && <Blank title={t("permits.none")} />}
      {items && items.length > 0 && (
        <table className={page.table}>
          <thead>
            <tr>
              <th>{t("permits.package")}</th>
              {lab && <th>{t("permits.tenant")}</th>}
              <th>{t("permits.devices")}</th>
              <th>{t("permits.until")}</th>
              <th>
                <span className="visually-hidden">{t("admin.actions")}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {items.map((permit) => (
              <Line key={permit.id} permit={permit} lab={lab} />
            ))}
          </tbody>
        </table>
      )}
      {adding && <NewPermit onClose={add.close} />}
    </Section>
  );
}

function Line({ permit, lab }: { permit: Permit; lab: boolean }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const remove = useMutation(
    api.permits.remove.mutationOptions({ onSuccess: () => queries.invalidateQueries({ queryKey: api.permits.key() }) }),
  );
  return (
    <tr>
      <td>
        <span className="mono">{permit.package}</span>
        <span className={css.small}>{t("permits.by", { who: permit.byName, reason: permit.reason })}</span>
        {remove.error && <ErrorNote error={remove.error} />}
      </td>
      {lab && <td data-name={t("permits.tenant")}>{permit.tenant}</td>}
      <td data-name={t("permits.devices")}>
        {permit.devices.map((id, at) => (
          <span key={id}>
            {at > 0 && ", "}
            <DeviceName id={id} />
          </span>
        ))}
      </td>
      <td data-name={t("permits.until")} className={page.nowrap}>
        {formatTime(permit.until)}
      </td>
      <td>
        {lab && (
          <SureButton
            label={t("permits.remove")}
            of={permit.package}
            question={t("permits.removeQuestion")}
            pending={remove.isPending}
            onSure={() => remove.mutate({ id: permit.id })}
          />
        )}
      </td>
    </tr>
  );
}

function DeviceName({ id }: { id: DeviceId }) {
  return useDevice(id)?.name ?? id;
}
