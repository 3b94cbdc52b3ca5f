import { Button, SegmentedControl, Skeleton, useMantineColorScheme } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { type ReactNode, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.js";
import { ErrorNote } from "../frame/error-note.js";
import { formatDateTime, formatNumber, formatTime } from "../language/format.js";
import { useLive } from "../live/live.js";
import css from "./settings.module.css";

/** This browser's look, the session, and what runs here. */
export function SettingsPage() {
  const { t } = useTranslation();
  return (
    <div className={css.page}>
      <h1>{t("settings.title")}</h1>
      <Look />
      <Session />
      <About />
      <Browser />
    </div>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className={css.section}>
      <h2>{title}</h2>
      <div className={css.body}>{children}</div>
    </section>
  );
}

function Row({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className={css.row}>
      <span className={css.name}>{name}</span>
      <span>{children}</span>
    </div>
  );
}

const THEMES = ["auto", "light", "dark"] as const;

function Look() {
  const { t } = useTranslation();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <Section title={t("settings.look")}>
      <Row name={t("settings.theme")}>
        <SegmentedControl
          size="xs"
          aria-label={t("settings.theme")}
          value={colorScheme}
          data={THEMES.map((value) => ({ value, label: t(`settings.themes.${value}`) }))}
          onChange={setColorScheme}
        />
      </Row>
    </Section>
  );
}

function Session() {
  const { t } = useTranslation();
  const { connection } = useLive();
  const session = useQuery(api.session.get.queryOptions());
  const link = useMutation(api.session.link.mutationOptions());
  const end = useMutation(api.session.end.mutationOptions({ onSuccess: () => connection.restart() }));
  const failed = session.error ?? link.error ?? end.error;
  return (
    <Section title={t("settings.session")}>
      <Row name={t("settings.actor")}>{session.data?.actor ?? <Skeleton height={16} width={96} />}</Row>
      <Row name={t("settings.until")}>
        {session.data ? (
          session.data.expiresAt === null ? (
            t("settings.forever")
          ) : (
            formatDateTime(session.data.expiresAt)
          )
        ) : (
          <Skeleton height={16} width={144} />
        )}
      </Row>
      <Row name={t("settings.link")}>
        <Button size="xs" variant="default" loading={link.isPending} onClick={() => link.mutate(undefined)}>
          {t("settings.makeLink")}
        </Button>
        <p className={css.hint}>
          {link.data ? t("settings.linkUntil", { time: formatTime(link.data.expiresAt) }) : t("settings.linkHow")}
        </p>
        {link.data && <code className={`${css.link} mono`}>{link.data.link}</code>}
      </Row>
      <Row name="">
        <Button size="xs" variant="default" loading={end.isPending} onClick={() => end.mutate(undefined)}>
          {t("settings.logOut")}
        </Button>
      </Row>
      {failed && <ErrorNote error={failed} onAgain={() => void session.refetch()} />}
    </Section>
  );
}

function About() {
  const { t } = useTranslation();
  const health = useQuery(api.health.queryOptions({ refetchInterval: 10_000 }));
  if (health.error) {
    return (
      <Section title={t("settings.about")}>
        <ErrorNote error={health.error} onAgain={() => void health.refetch()} />
      </Section>
    );
  }
  const { data } = health;
  const waiting = <Skeleton height={16} width={64} />;
  return (
    <Section title={t("settings.about")}>
      <Row name={t("settings.version")}>{data?.version ?? waiting}</Row>
      <Row name={t("settings.health")}>
        {data ? t(data.status === "ok" ? "settings.healthOk" : "settings.healthDegraded") : waiting}
      </Row>
      <Row name={t("settings.agents")}>{data ? formatNumber(data.agents) : waiting}</Row>
      <Row name={t("settings.devices")}>{data ? formatNumber(data.devices) : waiting}</Row>
    </Section>
  );
}

function Browser() {
  const { t } = useTranslation();
  const { tiles } = useLive();
  const stats = useSyncExternalStore(tiles.subscribe, () => tiles.stats);
  return (
    <Section title={t("settings.browser")}>
      <Row name={t("settings.decoder")}>
        {t("VideoDecoder" in globalThis ? "settings.decoderOwn" : "settings.decoderSoftware")}
      </Row>
      <Row name={t("settings.decoders")}>{formatNumber(stats.decoders)}</Row>
      <Row name={t("settings.drawn")}>{formatNumber(stats.drawn)}</Row>
    </Section>
  );
}
