import { Button, Checkbox, SegmentedControl, Select, Skeleton, TextInput } from "@mantine/core";
import type { Device, GroupAim } from "@phonerack/contract/api";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.js";
import { ErrorNote } from "../frame/error-note.js";
import { formatNumber } from "../language/format.js";
import { nameOfLease } from "../leases/lease-name.js";
import { useDevices } from "../live/live.js";
import page from "../page/page.module.css";
import { Section } from "../page/section.js";
import { mayDrive } from "../session/may.js";
import { useActor, useSession } from "../session/use-session.js";
import { handedOverSelection } from "../wall/selection-hand-over.js";
import { type Candidates, type Choices, candidatesOf, choicesOf, type Source } from "./candidates.js";
import { FenceConsent, useFencePreview } from "./fence-consent.js";
import css from "./groups.module.css";

const route = getRouteApi("/groups/new");

/** Which phones, who leads, how it is aimed, and what is disabled meanwhile: then they are driven as one. */
export function NewGroupPage() {
  const { t } = useTranslation();
  const devices = useDevices();
  const session = useSession();
  return (
    <div className={`${page.page} ${css.wide}`}>
      <h1>{t("groups.newTitle")}</h1>
      {devices && session ? <NewGroup devices={devices} may={mayDrive(session)} /> : <Skeleton height={240} />}
    </div>
  );
}

function NewGroup({ devices, may }: { devices: readonly Device[]; may: boolean }) {
  const { t } = useTranslation();
  const actor = useActor();
  const choices = useMemo(() => choicesOf(devices, actor), [devices, actor]);
  const [source, setSource] = useSource(choices);
  const candidates = useMemo(() => candidatesOf(devices, source, actor), [devices, source, actor]);
  if (!may || (choices.leases.length === 0 && source.from !== "selection")) {
    return (
      <div className={page.blank}>
        <p>{t(may ? "groups.holdNone" : "groups.mayNot")}</p>
        {may && (
          <Link to="/" search={{ status: ["free"] }} className={css.link}>
            {t("groups.toFree")}
          </Link>
        )}
      </div>
    );
  }
  return (
    <>
      <Section title={t("groups.which")}>
        <WhichPhones choices={choices} source={source} onChange={setSource} candidates={candidates} />
      </Section>
      {/* Other phones are another group: what was agreed to does not count for them. */}
      <Rest key={candidates.devices.map(({ id }) => id).join(" ")} candidates={candidates} />
    </>
  );
}

/** From the address: a selection of the wall, a lease, a chassis or a label; else one's largest lease. */
function useSource(choices: Choices) {
  const { devices, lease, chassis, label } = route.useSearch();
  const selection = useMemo(() => handedOverSelection(), []);
  const [chosen, choose] = useState<Source | undefined>(() => {
    if (devices) return { from: "selection", ids: selection };
    if (chassis) return { from: "chassis", name: chassis };
    if (label) return { from: "label", name: label };
    return lease ? { from: "lease", name: lease } : undefined;
  });
  const source: Source = chosen ?? { from: "lease", name: choices.leases[0]?.id ?? "" };
  return [source, choose] as const;
}

interface WhichPhonesProps {
  choices: Choices;
  source: Source;
  candidates: Candidates;
  onChange: (source: Source) => void;
}

function WhichPhones({ choices, source, candidates, onChange }: WhichPhonesProps) {
  const { t } = useTranslation();
  const selection = useMemo(() => handedOverSelection(), []);
  const names = {
    lease: choices.leases.map(({ id, devices }) => ({
      value: id,
      label: nameOfLease(t, {
        devices: devices.map(({ id: device, name, hold }) => ({ id: device, name, epoch: hold.epoch })),
        wanted: { where: null, count: devices.length, wholeChassis: false },
      }),
    })),
    chassis: choices.chassis.map((value) => ({ value, label: value })),
    label: choices.labels.map((value) => ({ value, label: value })),
  };
  const sources = [
    ...(selection.length > 0 ? (["selection"] as const) : []),
    ...(["lease", "chassis", "label"] as const).filter((from) => names[from].length > 0),
  ];
  return (
    <div className={page.block}>
      <div className={css.source}>
        <SegmentedControl
          aria-label={t("groups.which")}
          value={source.from}
          data={sources.map((value) => ({ value, label: t(`groups.from.${value}`) }))}
          onChange={(from) => {
            if (from === "selection") return onChange({ from, ids: selection });
            const of = from as "lease" | "chassis" | "label";
            onChange({ from: of, name: names[of][0]?.value ?? "" });
          }}
        />
        {source.from !== "selection" && (
          <Select
            aria-label={t(`groups.from.${source.from}`)}
            data={names[source.from]}
            value={source.name}
            allowDeselect={false}
            searchable
            w={300}
            onChange={(name) => name && onChange({ from: source.from, name })}
          />
        )}
      </div>
      <p className={css.fit} role="status">
        <strong>{t("groups.together", { count: candidates.devices.length })}</strong>
      </p>
      {candidates.leftOut.map(({ why, devices }) => (
        <p key={why} className={css.left}>
          {t(`groups.leftOut.${why}`, { count: devices.length, names: namesOf(devices) })}
        </p>
      ))}
    </div>
  );
}

const MOST_NAMES = 6;

function namesOf(devices: readonly Device[]): string {
  const names = devices.slice(0, MOST_NAMES).map(({ name }) => name);
  return devices.length > MOST_NAMES ? `${names.join(", ")} …` : names.join(", ");
}

function Rest({ candidates: { devices } }: { candidates: Candidates }) {
  const { t } = useTranslation();
  const navigate = route.useNavigate();
  const queries = useQueryClient();
  const [leader, setLeader] = useState<string | null>(devices[0]?.id ?? null);
  const [aim, setAim] = useState<GroupAim>("element");
  const [name, setName] = useState("");
  const [agreed, setAgreed] = useState(false);
  const preview = useFencePreview(devices.map(({ id }) => id));
  const start = useMutation(
    api.groups.start.mutationOptions({
      onSuccess: ({ id }) => {
        void queries.invalidateQueries({ queryKey: api.groups.key() });
        void navigate({ to: "/groups/$id", params: { id } });
      },
    }),
  );
  if (devices.length === 0 || !leader) return null;
  const asks = preview.summary !== undefined && preview.summary.ask.length > 0;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        start.mutate({ devices: devices.map(({ id }) => id), leader, name, aim, agreeToFence: agreed });
      }}
    >
      <Section title={t("groups.how")}>
        <div className={page.block}>
          <div className={css.fields}>
            <Select
              label={t("groups.leader")}
              description={t("groups.leaderHint")}
              data={devices.map((device) => ({
                value: device.id,
                label: [device.name, device.model].filter(Boolean).join(" · "),
              }))}
              value={leader}
              allowDeselect={false}
              searchable
              onChange={setLeader}
            />
            <TextInput
              label={t("groups.nameIt")}
              description={t("groups.nameHint")}
              maxLength={80}
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
            />
          </div>
        </div>
        <div className={`${page.block} ${css.aim}`}>
          <SegmentedControl
            aria-label={t("groups.aim")}
            value={aim}
            data={(["element", "point"] as const).map((value) => ({ value, label: t(`groups.aims.${value}`) }))}
            onChange={(value) => setAim(value as GroupAim)}
          />
          <p>{t(`groups.aimHint.${aim}`)}</p>
        </div>
      </Section>
      <Section title={t("fence.title")} hint={t("fence.hint")}>
        <FenceConsent preview={preview} />
        {asks && (
          <div className={css.consent}>
            <Checkbox
              label={t("fence.agree", { count: preview.summary.ask.length })}
              checked={agreed}
              onChange={(event) => setAgreed(event.currentTarget.checked)}
            />
          </div>
        )}
      </Section>
      <div className={css.end}>
        {start.error && <ErrorNote error={start.error} />}
        <Button type="submit" loading={start.isPending} disabled={preview.pending || (asks && !agreed)}>
          {t("groups.drive", { count: devices.length, shown: formatNumber(devices.length) })}
        </Button>
      </div>
    </form>
  );
}
