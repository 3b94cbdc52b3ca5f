import { Button } from "@mantine/core";
import type { RegisterImport } from "@phonerack/contract/api";
import { IconArrowRight } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { formatNumber } from "../language/format.js";
import page from "../page/page.module.css";
import { ClassMark } from "./class-mark.js";
import css from "./register.module.css";

const KINDS = ["new", "changed", "same"] as const;
const AT_ONCE = 100;

type Imported = RegisterImport["devices"][number];

/** What a file would make of each record, and of its phone's class. */
export function ImportPreview({ devices }: Pick<RegisterImport, "devices">) {
  const { t } = useTranslation();
  const [only, setOnly] = useState<Imported["what"]>();
  const [most, setMost] = useState(AT_ONCE);
  const fit = devices.filter(({ what }) => only === undefined || what === only);
  return (
    <section aria-label={t("register.preview")}>
      <div className={css.legend}>
        {KINDS.map((kind) => (
          <button key={kind} type="button" aria-pressed={only === kind} onClick={() => setOnly(only === kind ? undefined : kind)}>
            <strong>{formatNumber(devices.filter(({ what }) => what === kind).length)}</strong>
            <span>{t(`register.what.${kind}`)}</span>
          </button>
        ))}
      </div>
      <div className={css.scroll}>
        <table className={`${page.table} ${css.preview}`}>
          <thead>
            <tr>
              <th>{t("register.at")}</th>
              <th>{t("register.device")}</th>
              <th>{t("register.changes")}</th>
              <th>{t("register.classThen")}</th>
            </tr>
          </thead>
          <tbody>
            {fit.slice(0, most).map((device) => (
              <Line key={device.device} device={device} />
            ))}
          </tbody>
        </table>
        {fit.length > most && (
          <Button mt={8} size="xs" variant="default" onClick={() => setMost(most + AT_ONCE)}>
            {t("register.next")}
          </Button>
        )}
      </div>
    </section>
  );
}

function Line({ device: { at, name, what, fields, class: change, reasons } }: { device: Imported }) {
  const { t } = useTranslation();
  return (
    <tr data-what={what}>
      <td className={`${page.nowrap} ${css.dim}`}>{at}</td>
      <td>
        {name}
        <span className={css.small}>{t(`register.what.${what}`)}</span>
      </td>
      <td>
        <ul className={css.changes}>
          {fields.map(({ field, from, to }) => (
            <li key={field}>
              <span className={css.dim}>{field}</span> {from !== null && <del>{from}</del>}{" "}
              {to === null ? <em>{t("register.cleared")}</em> : <ins>{to}</ins>}
            </li>
          ))}
        </ul>
      </td>
      <td>
        <span className={css.flip}>
          {change.from !== change.to && (
            <>
              <ClassMark name={change.from} />
              <IconArrowRight size={14} stroke={1.5} aria-label={t("register.becomes")} />
            </>
          )}
          <ClassMark name={change.to} />
        </span>
        {reasons[0] && (
          <span className={css.small}>
            {reasons[0].words} {reasons.length > 1 && t("register.more", { count: reasons.length - 1 })}
          </span>
        )}
      </td>
    </tr>
  );
}
