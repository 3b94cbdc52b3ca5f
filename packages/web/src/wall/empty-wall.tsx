import { Button, CopyButton } from "@mantine/core";
import { useTranslation } from "react-i18next";
import css from "./wall.module.css";

const SLOTS = Array.from({ length: 20 }, (_, index) => index);

/** No phones at all: what to do about it. */
export function EmptyWall() {
  const { t } = useTranslation();
  return (
    <div className={css.empty}>
      <div className={css.slots} aria-hidden="true">
        {SLOTS.map((slot) => (
          <span key={slot} />
        ))}
      </div>
      <h1>{t("wall.emptyTitle")}</h1>
      <p>{t("wall.emptyHow")}</p>
      <Command text="npx phonerack up --virtual 20" />
      <p>{t("wall.emptyNetwork")}</p>
      <Command text="npx phonerack agent --connect HOST:PORT" />
    </div>
  );
}

function Command({ text }: { text: string }) {
  const { t } = useTranslation();
  return (
    <div className={css.command}>
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

/** Phones there are, but the filters hide all of them. */
export function NoMatch({ count, onClear }: { count: number; onClear: () => void }) {
  const { t } = useTranslation();
  return (
    <div className={css.empty}>
      <h2>{t("wall.noMatchTitle")}</h2>
      <p>{t("wall.noMatch", { count })}</p>
      <Button variant="default" onClick={onClear}>
        {t("wall.clear")}
      </Button>
    </div>
  );
}
