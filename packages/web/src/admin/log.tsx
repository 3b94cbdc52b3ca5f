import { Button, NativeSelect, Skeleton, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import type { LabEvent } from "@phonerack/contract/api";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.js";
import { ErrorNote } from "../frame/error-note.js";
import { formatMoment } from "../language/format.js";
import page from "../page/page.module.css";
import { Blank, Section } from "../page/section.js";
import css from "./admin.module.css";
import { EVENT_KINDS, sentenceOf } from "./event-sentence.js";
import { SealedLog } from "./sealed-log.js";
import { useNames } from "./use-names.js";

const AT_ONCE = 100;

/** What was done, by whom; the newest first, and more when asked for. */
export function Log() {
  const { t } = useTranslation();
  const [kind, setKind] = useState("");
  const [subject, setSubject] = useState("");
  const [sought] = useDebouncedValue(subject.trim(), 300);
  const events = useInfiniteQuery(
    api.events.list.infiniteOptions({
      input: (before: number | undefined) => ({
        limit: AT_ONCE,
        ...(before === undefined ? {} : { before }),
        ...(kind && { kind }),
        ...(sought && { subject: sought }),
      }),
      initialPageParam: undefined,
      getNextPageParam: ({ items }) => (items.length < AT_ONCE ? undefined : items.at(-1)?.id),
    }),
  );
  const items = events.data?.pages.flatMap((each) => each.items);
  const filtered = kind !== "" || sought !== "";
  return (
    <>
      <SealedLog />
      <Section title={t("admin.log")} hint={t("log.hint")}>
        <div className={`${page.block} ${css.fields}`}>
          <NativeSelect
            size="xs"
            label={t("log.kind")}
            value={kind}
            data={[{ value: "", label: t("log.allKinds") }, ...EVENT_KINDS.map((value) => ({ value, label: value }))]}
            onChange={(event) => setKind(event.currentTarget.value)}
          />
          <TextInput
            size="xs"
            label={t("log.subject")}
            placeholder={t("log.subjectHint")}
            value={subject}
            maxLength={100}
            onChange={(event) => setSubject(event.currentTarget.value)}
          />
          {filtered && (
            <Button
              size="xs"
              variant="subtle"
              color="gray"
              onClick={() => {
                setKind("");
                setSubject("");
              }}
            >
              {t("log.clear")}
            </Button>
          )}
        </div>
        {events.isPending && <Skeleton height={16} my={14} />}
        {events.error && <ErrorNote error={events.error} onAgain={() => void events.refetch()} />}
        {items?.length === 0 && <Blank title={t(filtered ? "log.noneFits" : "log.none")} />}
        {items && items.length > 0 && <Events events={items} onSubject={setSubject} />}
        {events.hasNextPage && (
          <div className={page.block}>
            <Button size="xs" variant="default" loading={events.isFetchingNextPage} onClick={() => void events.fetchNextPage()}>
              {t("log.more")}
            </Button>
          </div>
        )}
      </Section>
    </>
  );
}

function Events({ events, onSubject }: { events: readonly LabEvent[]; onSubject: (subject: string) => void }) {
  const { t } = useTranslation();
  const nameOf = useNames();
  return (
    <table className={page.table}>
      <thead>
        <tr>
          <th>{t("log.when")}</th>
          <th>{t("log.what")}</th>
          <th>
            <span className="visually-hidden">{t("admin.actions")}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {events.map((event) => (
          <tr key={event.id}>
            <td className={`${page.nowrap} ${css.dim}`}>{formatMoment(event.at)}</td>
            <td>
              {sentenceOf(t, event, nameOf)}
              <span className={css.small}>
                {event.kind} · <span className="mono">{event.subject}</span>
              </span>
            </td>
            <td className={page.nowrap}>
              <button type="button" className={page.link} onClick={() => onSubject(event.subject)}>
                {t("log.about")}
              </button>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
