import { Button, Modal, MultiSelect, Select, TextInput } from "@mantine/core";
import { PERMIT_MAX_DEVICES } from "@phonerack/contract/api";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.js";
import { ErrorNote } from "../frame/error-note.js";
import { fromField, toField } from "../leases/time-field.js";
import { useDevices } from "../live/live.js";
import css from "./apps.module.css";

const DAY_MS = 86_400_000;

/** As narrow as a permit must be: one organisation, one package, few phones, an end, a reason. */
export function NewPermit({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const devices = useDevices();
  const tenants = useQuery(api.tenants.list.queryOptions());
  const [tenant, setTenant] = useState<string | null>(null);
  const [name, setName] = useState("");
  const [chosen, setChosen] = useState<string[]>([]);
  const [until, setUntil] = useState(() => toField(Date.now() + DAY_MS));
  const [reason, setReason] = useState("");
  const create = useMutation(
    api.permits.create.mutationOptions({
      onSuccess: () => {
        void queries.invalidateQueries({ queryKey: api.permits.key() });
        onClose();
      },
    }),
  );
  const end = fromField(until);
  return (
    <Modal opened onClose={onClose} title={t("permits.addTitle")} size={520}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (tenant && end !== undefined) create.mutate({ tenant, package: name.trim(), devices: chosen, until: end, reason });
        }}
      >
        <p className={css.dim}>{t("permits.addHow", { most: PERMIT_MAX_DEVICES })}</p>
        <Select
          required
          label={t("permits.tenant")}
          data={tenants.data?.items.map(({ id, name: label }) => ({ value: id, label })) ?? []}
          value={tenant}
          onChange={setTenant}
          searchable
        />
        <TextInput
          required
          label={t("permits.package")}
          placeholder="com.example.app"
          maxLength={200}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <MultiSelect
          required
          label={t("permits.devices")}
          data={devices?.map(({ id, name: label }) => ({ value: id, label })) ?? []}
          value={chosen}
          maxValues={PERMIT_MAX_DEVICES}
          limit={50}
          onChange={setChosen}
          searchable
        />
        <TextInput
          required
          type="datetime-local"
          label={t("permits.until")}
          value={until}
          onChange={(event) => setUntil(event.currentTarget.value)}
        />
        <TextInput
          required
          label={t("permits.reason")}
          placeholder={t("permits.example")}
          maxLength={500}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        {create.error && <ErrorNote error={create.error} />}
        <div className="form-buttons">
          <Button variant="default" onClick={onClose}>
            {t("device.cancel")}
          </Button>
          <Button type="submit" loading={create.isPending} disabled={!tenant || chosen.length === 0 || end === undefined}>
            {t("permits.addNow")}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
