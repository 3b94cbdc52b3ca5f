import { Button } from "@mantine/core";
import type { DeviceId } from "@phonerack/contract/api";
import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.js";
import { shownError } from "../api/sentence.js";

/** Makes the phone say which slot it stands in, on its own screen, for whoever stands before the rack. */
export function Identify({ id }: { id: DeviceId }) {
  const { t } = useTranslation();
  const identify = useMutation(api.devices.identify.mutationOptions());
  return (
    <>
      <Button size="compact-xs" variant="default" loading={identify.isPending} onClick={() => identify.mutate({ id })}>
        {identify.data ? t("racks.shows", { words: identify.data.shown }) : t("racks.identify")}
      </Button>
      {identify.error && <span role="alert">{shownError(identify.error).message ?? t("error.unreachable")}</span>}
    </>
  );
}
