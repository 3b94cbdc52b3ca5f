import { ActionIcon, Button, Modal, Select, Skeleton, TagsInput } from "@mantine/core";
import { RegisterSchemes, type Session } from "@phonerack/contract/api";
import { SCHEMES, schemesOf } from "@phonerack/policy";
import { IconX } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.js";
import { ErrorNote } from "../frame/error-note.js";
import { allCountries, countryName } from "./countries.js";
import css from "./register.module.css";

/** What the law asks for that we know: nothing can be taken away from it. */
const LAW = allCountries()
  .map(({ value }) => ({ country: value, schemes: schemesOf(value, { byCountry: {}, otherwise: [] }) }))
  .filter(({ schemes }) => schemes.length > 0);

/** Which licences phones need, by the country in which they stand. The lab's owner says it, its operators read it. */
export function SchemesDialog({ session, onClose }: { session: Session; onClose: () => void }) {
  const { t } = useTranslation();
  const schemes = useQuery(api.register.schemes.queryOptions());
  return (
    <Modal opened onClose={onClose} title={t("register.schemesTitle")} size={620}>
      {schemes.isPending && <Skeleton height={240} />}
      {schemes.error && <ErrorNote error={schemes.error} onAgain={() => void schemes.refetch()} />}
      {schemes.data && <SchemesForm set={schemes.data} owner={session.lab === "owner"} onClose={onClose} />}
    </Modal>
  );
}

function SchemesForm({ set, owner, onClose }: { set: RegisterSchemes; owner: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [{ byCountry, otherwise }, setSchemes] = useState(set);
  const save = useMutation(
    api.register.putSchemes.mutationOptions({
      onSuccess: async () => {
        await queries.invalidateQueries({ queryKey: api.register.key() });
        onClose();
      },
    }),
  );
  const wanted = RegisterSchemes.safeParse({ byCountry, otherwise });
  const put = (country: string, schemes: string[]) => setSchemes({ otherwise, byCountry: { ...byCountry, [country]: schemes } });
  const rest = useMemo(() => allCountries().filter(({ value }) => !Object.hasOwn(byCountry, value)), [byCountry]);
  return (
    <form
      className={`form ${css.form}`}
      onSubmit={(event) => {
        event.preventDefault();
        if (wanted.success) save.mutate(wanted.data);
      }}
    >
      <p className={css.dim}>{t(owner ? "register.schemesHint" : "register.schemesRead")}</p>
      <ul className={css.schemes}>
        {LAW.filter(({ country }) => !Object.hasOwn(byCountry, country)).map(({ country }) => (
          <Country key={country} country={country} schemes={[]} disabled={!owner} onChange={(next) => put(country, next)} />
        ))}
        {Object.entries(byCountry).map(([country, schemes]) => (
          <Country
            key={country}
            country={country}
            schemes={schemes}
            disabled={!owner}
            onChange={(next) => put(country, next)}
            onRemove={() =>
              setSchemes({
                otherwise,
                byCountry: Object.fromEntries(Object.entries(byCountry).filter(([name]) => name !== country)),
              })
            }
          />
        ))}
        <li>
          <SchemeTags
            label={t("register.elsewhere")}
            schemes={otherwise}
            disabled={!owner}
            onChange={(next) => setSchemes({ byCountry, otherwise: next })}
          />
        </li>
      </ul>
      {owner && (
        <>
          <Select
            size="xs"
            searchable
            aria-label={t("register.addCountry")}
            placeholder={t("register.addCountry")}
            nothingFoundMessage={t("register.noCountry")}
            data={rest}
            value={null}
            onChange={(country) => country !== null && put(country, [...otherwise])}
          />
          {!wanted.success && <p role="alert">{wanted.error.issues[0]?.message}</p>}
          {save.error && <ErrorNote error={save.error} />}
          <div className={css.importDeeds}>
            <Button size="xs" variant="default" onClick={onClose}>
              {t("device.cancel")}
            </Button>
            <Button type="submit" size="xs" disabled={!wanted.success} loading={save.isPending}>
              {t("register.save")}
            </Button>
          </div>
        </>
      )}
    </form>
  );
}

interface CountryProps {
  country: string;
  schemes: readonly string[];
  disabled: boolean;
  onChange: (schemes: string[]) => void;
  onRemove?: () => void;
}

function Country({ country, schemes, disabled, onChange, onRemove }: CountryProps) {
  const { t } = useTranslation();
  const law = LAW.find((each) => each.country === country)?.schemes;
  const name = `${countryName(country)} · ${country}`;
  return (
    <li>
      <SchemeTags
        label={law ? t("register.besides", { country: name, schemes: law.join(", ").toUpperCase() }) : name}
        schemes={schemes}
        disabled={disabled}
        onChange={onChange}
      />
      {onRemove && !disabled && (
        <ActionIcon variant="subtle" color="gray" aria-label={t("register.removeCountry", { country: name })} onClick={onRemove}>
          <IconX size={16} stroke={1.5} aria-hidden="true" />
        </ActionIcon>
      )}
    </li>
  );
}

interface SchemeTagsProps {
  label: string;
  schemes: readonly string[];
  disabled: boolean;
  onChange: (schemes: string[]) => void;
}

function SchemeTags({ label, schemes, disabled, onChange }: SchemeTagsProps) {
  const { t } = useTranslation();
  return (
    <TagsInput
      className={css.tags ?? ""}
      size="xs"
      label={label}
      placeholder={schemes.length === 0 ? t("register.asksNothing") : ""}
      data={SCHEMES.map(({ scheme }) => scheme)}
      value={[...schemes]}
      maxTags={12}
      disabled={disabled}
      onChange={(next) => onChange(next.map((scheme) => scheme.trim().toLowerCase()))}
    />
  );
}
