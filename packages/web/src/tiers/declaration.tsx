import type { LabDeclaration, Session } from "@phonerack/contract/api";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useNames } from "../admin/use-names.js";
import { api } from "../api/client.js";
import { ErrorNote } from "../frame/error-note.js";
import { formatDateTime } from "../language/format.js";
import page from "../page/page.module.css";
import { Section } from "../page/section.js";
import { SureButton } from "../page/sure-button.js";
import css from "./tiers.module.css";

/** Whether the lab serves only its own organisation; its owner says so, and there are no tiers then. */
export function Declaration({ declaration, session }: { declaration: LabDeclaration; session: Session }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const nameOf = useNames();
  const declare = useMutation(
    api.tenancies.declare.mutationOptions({ onSuccess: () => queries.invalidateQueries({ queryKey: api.tenancies.key() }) }),
  );
  const { ownOnly, by, at } = declaration;
  return (
    <Section title={t("tiers.declaration")}>
      <div className={`${page.block} ${css.declaration}`}>
        <div>
          {t(ownOnly ? "tiers.declared" : "tiers.notDeclared")}
          {by !== null && at !== null && (
            <span className={css.small}>{t("tiers.declaredBy", { name: nameOf(by), time: formatDateTime(at) })}</span>
          )}
          {declare.error && <ErrorNote error={declare.error} />}
        </div>
        {session.lab === "owner" && session.kind !== "key" ? (
          <SureButton
            label={t(ownOnly ? "tiers.undeclare" : "tiers.declare")}
            question={t(ownOnly ? "tiers.undeclareQuestion" : "tiers.declareQuestion")}
            pending={declare.isPending}
            onSure={() => declare.mutate({ ownOnly: !ownOnly })}
          />
        ) : (
          <span className={css.small}>{t("tiers.ownerSays")}</span>
        )}
      </div>
    </Section>
  );
}
