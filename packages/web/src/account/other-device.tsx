import { Button } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.js";
import { ErrorNote } from "../frame/error-note.js";
import { formatTime } from "../language/format.js";
import { CopyLine } from "../page/copy-line.js";
import page from "../page/page.module.css";
import { Section } from "../page/section.js";

/** The printed link once more, for the owner's phone or laptop. */
export function OtherDevice() {
  const { t } = useTranslation();
  const link = useMutation(api.session.link.mutationOptions());
  return (
    <Section title={t("account.link")} hint={t("account.linkHow")}>
      <div className={page.block}>
        <Button size="xs" variant="default" loading={link.isPending} onClick={() => link.mutate(undefined)}>
          {t("account.makeLink")}
        </Button>
        {link.data && (
          <>
            <CopyLine text={link.data.link} />
            <p className={page.hint}>{t("account.linkUntil", { time: formatTime(link.data.expiresAt) })}</p>
          </>
        )}
        {link.error && <ErrorNote error={link.error} />}
      </div>
    </Section>
  );
}
