import { Button, PasswordInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.js";
import { auth, told } from "../log-in/auth.js";
import { Failure } from "../log-in/failure.js";
import page from "../page/page.module.css";
import { Row, Section } from "../page/section.js";

/** Another password; whoever knew the old one is logged out everywhere else. */
export function Password() {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const [changed, setChanged] = useState(false);
  return (
    <Section title={t("account.password")}>
      {open ? (
        <Change
          onDone={(done) => {
            setOpen(false);
            setChanged(done);
          }}
        />
      ) : (
        <Row name={changed ? t("account.passwordChanged") : "••••••••••••"}>
          <Button size="xs" variant="default" onClick={() => setOpen(true)}>
            {t("account.passwordChange")}
          </Button>
        </Row>
      )}
    </Section>
  );
}

function Change({ onDone }: { onDone: (changed: boolean) => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [currentPassword, setCurrent] = useState("");
  const [newPassword, setNew] = useState("");
  const change = useMutation({
    mutationFn: () => told(auth.changePassword({ currentPassword, newPassword, revokeOtherSessions: true })),
    onSuccess: async () => {
      onDone(true);
      await queries.invalidateQueries({ queryKey: api.session.key() });
    },
  });
  return (
    <div className={page.block}>
      <form
        className={page.form}
        onSubmit={(event) => {
          event.preventDefault();
          change.mutate();
        }}
      >
        <PasswordInput
          label={t("account.passwordNow")}
          autoComplete="current-password"
          autoFocus
          required
          withAsterisk={false}
          value={currentPassword}
          onChange={(event) => setCurrent(event.currentTarget.value)}
        />
        <PasswordInput
          label={t("account.passwordNew")}
          description={t("account.passwordHint")}
          autoComplete="new-password"
          required
          withAsterisk={false}
          minLength={12}
          maxLength={128}
          value={newPassword}
          onChange={(event) => setNew(event.currentTarget.value)}
        />
        <div className={page.actions}>
          <Button type="submit" size="xs" loading={change.isPending}>
            {t("account.passwordChange")}
          </Button>
          <Button size="xs" variant="subtle" color="gray" onClick={() => onDone(false)}>
            {t("device.cancel")}
          </Button>
        </div>
        <Failure error={change.error} />
      </form>
    </div>
  );
}
