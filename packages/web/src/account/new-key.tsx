import { Button, Checkbox, Group, NativeSelect, TextInput } from "@mantine/core";
import { atLeast, Role, Scope } from "@phonerack/contract/api";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.js";
import { ErrorNote } from "../frame/error-note.js";
import page from "../page/page.module.css";

const DAYS = [7, 30, 90, 365, null] as const;

interface NewKeyProps {
  /** Of who makes it: no key may do more. */
  role: Role;
  onMade: (key: string) => void;
  onCancel: () => void;
}

/** What a key is for, what it may do and until when. */
export function NewKey({ role: own, onMade, onCancel }: NewKeyProps) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<Scope[]>(["read", "drive"]);
  const [role, setRole] = useState<Role>(own);
  const [days, setDays] = useState("90");
  const make = useMutation(
    api.keys.create.mutationOptions({
      onSuccess: async ({ key }) => {
        onMade(key);
        await queries.invalidateQueries({ queryKey: api.keys.key() });
      },
    }),
  );
  return (
    <div className={page.block}>
      <form
        className={page.form}
        onSubmit={(event) => {
          event.preventDefault();
          make.mutate({ name, scopes, role, days: days === "" ? null : Number(days) });
        }}
      >
        <TextInput
          label={t("account.keyName")}
          placeholder={t("account.keyNamePlaceholder")}
          autoFocus
          required
          withAsterisk={false}
          maxLength={80}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Checkbox.Group label={t("account.scopes")} value={scopes} onChange={(chosen) => setScopes(chosen as Scope[])}>
          <Group gap={8} mt={6} style={{ flexDirection: "column", alignItems: "flex-start" }}>
            {Scope.options.map((scope) => (
              <Checkbox key={scope} size="xs" value={scope} label={t(`account.scope.${scope}`)} />
            ))}
          </Group>
        </Checkbox.Group>
        <NativeSelect
          label={t("account.keyRole")}
          value={role}
          data={Role.options.filter((each) => atLeast(own, each)).map((value) => ({ value, label: t(`account.role.${value}`) }))}
          onChange={(event) => setRole(event.currentTarget.value as Role)}
        />
        <NativeSelect
          label={t("account.keyExpiry")}
          value={days}
          data={DAYS.map((count) => ({
            value: String(count ?? ""),
            label: count === null ? t("account.never") : count === 365 ? t("account.year") : t("account.days", { count }),
          }))}
          onChange={(event) => setDays(event.currentTarget.value)}
        />
        <div className={page.actions}>
          <Button type="submit" size="xs" disabled={scopes.length === 0} loading={make.isPending}>
            {t("account.keyMake")}
          </Button>
          <Button size="xs" variant="subtle" color="gray" onClick={onCancel}>
            {t("device.cancel")}
          </Button>
        </div>
        {make.error && <ErrorNote error={make.error} />}
      </form>
    </div>
  );
}
