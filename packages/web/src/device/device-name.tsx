import { ActionIcon, Button, TextInput, Tooltip } from "@mantine/core";
import type { Device } from "@phonerack/contract/api";
import { IconPencil } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.js";
import { shownError } from "../api/sentence.js";
import { runsLab } from "../session/may.js";
import { useSession } from "../session/use-session.js";
import css from "./device-page.module.css";

/** What people call the phone; they may call it otherwise. */
export function DeviceName({ device }: { device: Device }) {
  const { t } = useTranslation();
  const may = runsLab(useSession());
  const [name, setName] = useState<string>();
  const rename = useMutation(api.devices.rename.mutationOptions({ onSuccess: () => setName(undefined) }));
  if (name === undefined) {
    return (
      <div className={css.name}>
        <h1>{device.name}</h1>
        {may && (
          <Tooltip label={t("device.rename")}>
            <ActionIcon
              variant="subtle"
              color="gray"
              size={24}
              aria-label={t("device.rename")}
              onClick={() => setName(device.name)}
            >
              <IconPencil size={14} stroke={1.5} aria-hidden="true" />
            </ActionIcon>
          </Tooltip>
        )}
      </div>
    );
  }
  return (
    <form
      className={css.name}
      onSubmit={(event) => {
        event.preventDefault();
        rename.mutate({ id: device.id, name });
      }}
    >
      <TextInput
        size="xs"
        aria-label={t("device.name")}
        data-autofocus
        autoFocus
        maxLength={60}
        required
        value={name}
        error={rename.error ? (shownError(rename.error).message ?? t("error.unreachable")) : undefined}
        onChange={(event) => setName(event.currentTarget.value)}
        onKeyDown={(event) => event.key === "Escape" && setName(undefined)}
      />
      <Button type="submit" size="compact-sm" loading={rename.isPending}>
        {t("device.save")}
      </Button>
      <Button size="compact-sm" variant="subtle" color="gray" onClick={() => setName(undefined)}>
        {t("device.cancel")}
      </Button>
    </form>
  );
}
