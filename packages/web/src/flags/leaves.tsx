import { Button, CopyButton, Skeleton } from "@mantine/core";
import type { Leaf } from "@phonerack/policy";
import { useQuery } from "@tanstack/react-query";
import type { TFunction } from "i18next";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.js";
import { ErrorNote } from "../frame/error-note.js";
import { formatMoment } from "../language/format.js";
import page from "../page/page.module.css";
import css from "./flags.module.css";
import { tileOf } from "./leaf-tiles.js";
import { useLeaves } from "./use-leaves.js";

const AT_ONCE = 10;

interface LeavesProps {
  /** Their places in the log, in order. */
  readonly cited: readonly number[];
  readonly nameOf: (id: string) => string;
}

/** The entries of the log that a flag rests on, the newest first, as the log itself gives them. */
export function Leaves({ cited, nameOf }: LeavesProps) {
  const { t } = useTranslation();
  const [shown, setShown] = useState(AT_ONCE);
  const indices = cited.toReversed().slice(0, shown);
  const { size, leaves, error, readAgain } = useLeaves(cited);
  if (cited.length === 0) return <p className={css.dim}>{t("flags.noLeaves")}</p>;
  return (
    <>
      <p className={css.small}>{t("flags.leavesHint")}</p>
      {error && <ErrorNote error={error} onAgain={readAgain} />}
      {!error && !leaves && <Skeleton height={indices.length * 32} my={8} />}
      {leaves && (
        <table className={`${page.table} ${css.leaves}`}>
          <thead>
            <tr>
              <th>{t("flags.leafNumber")}</th>
              <th>{t("flags.when")}</th>
              <th>{t("flags.phone")}</th>
              <th>{t("flags.leafWhat")}</th>
              <th>{t("flags.leafRule")}</th>
            </tr>
          </thead>
          <tbody>
            {indices.map((index) => (
              <Line key={index} index={index} leaf={leaves.get(index)} size={size} nameOf={nameOf} />
            ))}
          </tbody>
        </table>
      )}
      {shown < cited.length && (
        <Button mt={8} size="compact-xs" variant="default" onClick={() => setShown(cited.length)}>
          {t("flags.older", { count: cited.length - shown })}
        </Button>
      )}
    </>
  );
}

interface LineProps {
  readonly index: number;
  readonly leaf: Leaf | undefined;
  readonly size: number;
  readonly nameOf: (id: string) => string;
}

function Line({ index, leaf, size, nameOf }: LineProps) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const path = tileOf(index, size);
  if (!leaf) {
    return (
      <tr>
        <td className="mono">{index}</td>
        <td colSpan={4} className={css.dim} style={{ textAlign: "left" }}>
          {t(path === undefined ? "flags.leafUnsigned" : "flags.leafLost")}
        </td>
      </tr>
    );
  }
  const device = "device" in leaf ? leaf.device : leaf.kind === "event" ? leaf.subject : undefined;
  return (
    <>
      <tr>
        <td>
          <button
            type="button"
            className={`${page.link} mono`}
            aria-expanded={open}
            aria-label={t("flags.leafOf", { seq: index })}
            onClick={() => setOpen(!open)}
          >
            {index}
          </button>
        </td>
        <td className={`${page.nowrap} ${css.dim}`}>{formatMoment(leaf.at)}</td>
        <td>{device && nameOf(device)}</td>
        <td>{whatOf(t, leaf)}</td>
        <td className={css.dim}>{ruleOf(leaf)}</td>
      </tr>
      {open && (
        <tr>
          <td colSpan={5} style={{ textAlign: "left" }}>
            <Entry leaf={leaf} path={path} />
          </td>
        </tr>
      )}
    </>
  );
}

/** The entry as it stands in the log, and what proves it without the lab. */
function Entry({ leaf, path }: { leaf: Leaf; path: string | undefined }) {
  const { t } = useTranslation();
  const lease = "lease" in leaf ? leaf.lease : null;
  const receipts = useQuery({
    ...api.log.receipts.queryOptions({ input: { id: lease ?? "", from: leaf.seq, limit: 1 } }),
    enabled: lease !== null,
    retry: false,
  });
  const receipt = receipts.data?.items.find(({ index }) => index === leaf.seq)?.receipt;
  const text = JSON.stringify(leaf, null, 2);
  return (
    <div className={css.entry}>
      <pre className="mono">{text}</pre>
      <div className={page.actions}>
        <Copy label={t("flags.copyEntry")} value={text} />
        {receipt !== undefined && <Copy label={t("flags.copyReceipt")} value={receipt} />}
        {path !== undefined && (
          <Button component="a" href={path} download size="compact-xs" variant="subtle" color="gray">
            {t("flags.raw")}
          </Button>
        )}
      </div>
    </div>
  );
}

function Copy({ label, value }: { label: string; value: string }) {
  const { t } = useTranslation();
  return (
    <CopyButton value={value}>
      {({ copied, copy }) => (
        <Button size="compact-xs" variant="default" onClick={copy}>
          {copied ? t("flags.copied") : label}
        </Button>
      )}
    </CopyButton>
  );
}

function whatOf(t: TFunction, leaf: Leaf): string {
  switch (leaf.kind) {
    case "decision": {
      const { facts, decision, service } = leaf;
      const what = t(`flags.what.${decision}`, { action: service ?? facts.action });
      const app = (facts.target ?? facts.front)?.package;
      return app === undefined ? what : t("flags.what.inApp", { what, app });
    }
    case "hands":
      return t("flags.what.hands", { count: leaf.count });
    case "change":
      return t("flags.what.change", { table: leaf.table, op: leaf.op });
    case "event":
      return leaf.event;
    case "start":
      return leaf.kind;
  }
}

function ruleOf(leaf: Leaf): string {
  if (leaf.kind === "decision") return leaf.rule;
  if (leaf.kind !== "hands") return "";
  return Object.entries(leaf.rules)
    .map(([rule, count]) => `${rule} ${count}`)
    .join(", ");
}
