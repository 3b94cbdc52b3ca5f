import { Button } from "@mantine/core";
import type { DeviceId } from "@phonerack/contract/api";
import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.js";
import { ErrorNote } from "../frame/error-note.js";
import css from "./info.module.css";

/** Takes a lost phone off the wall. */
export function Forget({ id }: { id: DeviceId }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const forget = useMutation(api.devices.forget.mutationOptions({ onSuccess: () => navigate({ to: "/" }) }));
  return (
    <section>
      <Button variant="default" size="xs" loading={forget.isPending} onClick={() => forget.mutate({ id })}>
        {t("device.forget")}
      </Button>
      <p className={css.dim}>{t("device.forgetHint")}</p>
      {forget.error && <ErrorNote error={forget.error} />}
    </section>
  );
}
