import { NumberInput, SegmentedControl, Skeleton, useMantineColorScheme } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.js";
import { ErrorNote } from "../frame/error-note.js";
import { formatNumber } from "../language/format.js";
import { useLive } from "../live/live.js";
import css from "../page/page.module.css";
import { Row, Section } from "../page/section.js";
import { LEAST_MBIT, MOST_MBIT, useWallMbit } from "../wall/bandwidth.js";

/** This browser's look, and what runs here. */
export function SettingsPage() {
  const { t } = useTranslation();
  return (
    <div className={css.page}>
      <h1>{t("settings.title")}</h1>
      <Look />
      <About />
      <Browser />
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
  const [mbit, setMbit] = useWallMbit();
  const stats = useSyncExternalStore(tiles.subscribe, () => tiles.stats);
  return (
    <Section title={t("settings.browser")}>
      <Row name={t("settings.wallMbit")}>
        <NumberInput
          size="xs"
          w={96}
          aria-label={t("settings.wallMbit")}
          min={LEAST_MBIT}
          max={MOST_MBIT}
          allowDecimal={false}
          clampBehavior="blur"
          value={mbit}
          onChange={(value) => typeof value === "number" && setMbit(value)}
        />
      </Row>
      <Row name={t("settings.decoder")}>
        {t("VideoDecoder" in globalThis ? "settings.decoderOwn" : "settings.decoderSoftware")}
      </Row>
      <Row name={t("settings.decoders")}>{formatNumber(stats.decoders)}</Row>
      <Row name={t("settings.drawn")}>{formatNumber(stats.drawn)}</Row>
    </Section>
  );
}
