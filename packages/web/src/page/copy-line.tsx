import { Button, CopyButton } from "@mantine/core";
import { useTranslation } from "react-i18next";
import css from "./page.module.css";

/** Something to take along: a command, a link, a key. Can be selected by hand where the browser withholds its clipboard. */
export function CopyLine({ text }: { text: string }) {
  const { t } = useTranslation();
  return (
    <div className={css.copyLine}>
      <code className="mono">{text}</code>
      <CopyButton value={text}>
        {({ copied, copy }) => (
          <Button size="compact-xs" variant="default" onClick={copy}>
            {copied ? t("wall.copied") : t("wall.copy")}
          </Button>
        )}
      </CopyButton>
    </div>
  );
}
