import { Button, TextInput } from "@mantine/core";
import type { Erasure } from "@phonerack/contract/api";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ErrorNote } from "../frame/error-note.js";
import page from "../page/page.module.css";
import { Row, Section } from "../page/section.js";
import { useErasure, useLeave } from "./use-erasure.js";

/** One's own account and name, out of everything. Asks for the address, as a word that it is meant. */
export function Erase({ email }: { email: string }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const [erased, setErased] = useState<Erasure>();
  return (
    <Section title={t("privacy.erase")} hint={t("privacy.eraseHint")}>
      {erased && <Done erased={erased} />}
      {!erased && open && <Ask email={email} onErased={setErased} onCancel={() => setOpen(false)} />}
      {!erased && !open && (
        <Row name={email}>
          <Button size="xs" variant="default" color="red" onClick={() => setOpen(true)}>
            {t("privacy.eraseDo")}
          </Button>
        </Row>
      )}
    </Section>
  );
}

function Ask({ email, onErased, onCancel }: { email: string; onErased: (erased: Erasure) => void; onCancel: () => void }) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState("");
  const erase = useErasure();
  const meant = typed.trim().toLowerCase() === email.toLowerCase();
  return (
    <form
      className={`${page.block} ${page.form}`}
      onSubmit={(event) => {
        event.preventDefault();
        if (meant) erase.mutate({ email: typed }, { onSuccess: onErased });
      }}
    >
      <TextInput
        label={t("privacy.eraseSure", { email })}
        autoComplete="off"
        autoFocus
        maxLength={254}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
      <div className={page.actions}>
        <Button type="submit" size="xs" color="red" disabled={!meant} loading={erase.isPending}>
          {t("privacy.eraseFinal")}
        </Button>
        <Button size="xs" variant="subtle" color="gray" onClick={onCancel}>
          {t("device.cancel")}
        </Button>
      </div>
      {erase.error && <ErrorNote error={erase.error} />}
    </form>
  );
}

/** They are nobody any more; the rest of the console finds out when it asks next. */
function Done({ erased: { alias, held } }: { erased: Erasure }) {
  const { t } = useTranslation();
  const leave = useLeave();
  return (
    <div className={page.block} role="status">
      <p>{t("privacy.erased", { alias })}</p>
      {held.length > 0 && <p>{t("privacy.held", { count: held.length })}</p>}
      <Button size="xs" variant="default" onClick={leave}>
        {t("privacy.leave")}
      </Button>
    </div>
  );
}
