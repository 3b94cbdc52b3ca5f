import { Button, NumberInput, Skeleton } from "@mantine/core";
import type { Retention } from "@phonerack/contract/api";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.js";
import { ErrorNote } from "../frame/error-note.js";
import { formatBytes } from "../language/format.js";
import page from "../page/page.module.css";
import css from "./admin.module.css";

const GB = 1e9;

/** How long an organisation's artifacts stay, and how much room they and its builds have. */
export function RetentionForm({ tenant }: { tenant: string }) {
  const { t } = useTranslation();
  const retention = useQuery(api.artifacts.retention.queryOptions({ input: { id: tenant } }));
  if (retention.error) return <ErrorNote error={retention.error} onAgain={() => void retention.refetch()} />;
  if (!retention.data) return <Skeleton height={54} mt={12} />;
  const { usedBytes, ...set } = retention.data;
  const used = formatBytes(usedBytes);
  const words =
    set.bytes === null ? t("retention.used", { used }) : t("retention.usedOf", { used, most: formatBytes(set.bytes) });
  return <Fields key={`${set.days} ${set.bytes}`} tenant={tenant} set={set} used={words} />;
}

function Fields({ tenant, set, used }: { tenant: string; set: Retention; used: string }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [days, setDays] = useState(set.days);
  const [room, setRoom] = useState(set.bytes === null ? null : set.bytes / GB);
  const save = useMutation(
    api.artifacts.retain.mutationOptions({
      onSuccess: () => queries.invalidateQueries({ queryKey: api.artifacts.key() }),
    }),
  );
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate({ id: tenant, days, bytes: room === null ? null : Math.round(room * GB) });
      }}
    >
      <div className={css.fields}>
        <NumberInput
          size="xs"
          label={t("retention.days")}
          min={1}
          max={3_650}
          allowDecimal={false}
          value={days ?? ""}
          onChange={(value) => setDays(typeof value === "number" ? value : null)}
        />
        <NumberInput
          size="xs"
          label={t("retention.room")}
          min={0.1}
          max={1_000_000}
          decimalScale={1}
          value={room ?? ""}
          onChange={(value) => setRoom(typeof value === "number" && value > 0 ? value : null)}
        />
        <Button type="submit" size="xs" loading={save.isPending}>
          {t("tenants.save")}
        </Button>
      </div>
      <p className={page.hint}>
        {used}. {t("retention.hint")}
      </p>
      {save.error && <ErrorNote error={save.error} />}
    </form>
  );
}
