import { Button, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.js";
import { ErrorNote } from "../frame/error-note.js";
import page from "../page/page.module.css";
import css from "./admin.module.css";
import { InviteLink } from "./invite.js";
import { idOf } from "./tenant-id.js";

/** An organisation and the invitation of its first owner. */
export function NewTenant({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const [ownId, setId] = useState<string>();
  const [owner, setOwner] = useState("");
  const id = ownId ?? idOf(name);
  const create = useMutation(
    api.tenants.create.mutationOptions({ onSuccess: () => queries.invalidateQueries({ queryKey: api.tenants.key() }) }),
  );
  if (create.data) {
    return (
      <div className={page.block}>
        <InviteLink invitation={create.data.invitation} words="tenants.made" name={create.data.tenant.name} />
        <Button mt={10} size="xs" variant="default" onClick={onDone}>
          {t("hosts.done")}
        </Button>
      </div>
    );
  }
  return (
    <form
      className={page.block}
      onSubmit={(event) => {
        event.preventDefault();
        create.mutate({ id, name, owner });
      }}
    >
      <div className={css.fields}>
        <TextInput
          size="xs"
          label={t("tenants.name")}
          autoFocus
          required
          withAsterisk={false}
          maxLength={80}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <TextInput
          size="xs"
          label={t("tenants.id")}
          required
          withAsterisk={false}
          pattern="[a-z0-9][a-z0-9\-]{1,38}"
          title={t("tenants.idHint")}
          value={id}
          onChange={(event) => setId(event.currentTarget.value)}
        />
        <TextInput
          type="email"
          size="xs"
          label={t("tenants.owner")}
          required
          withAsterisk={false}
          maxLength={200}
          value={owner}
          onChange={(event) => setOwner(event.currentTarget.value)}
        />
        <Button type="submit" size="xs" loading={create.isPending}>
          {t("tenants.createDo")}
        </Button>
        <Button size="xs" variant="subtle" color="gray" onClick={onDone}>
          {t("device.cancel")}
        </Button>
      </div>
      <p className={page.hint}>{t("tenants.idHint")}</p>
      {create.error && <ErrorNote error={create.error} />}
    </form>
  );
}
