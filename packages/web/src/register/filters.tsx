import { Button, CloseButton, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import type { RegisterSummary } from "@phonerack/contract/api";
import { IconSearch } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { formatNumber } from "../language/format.js";
import css from "./register.module.css";
import { isFiltered, type RegisterSearch } from "./register-search.js";

const TYPING_MS = 250;

interface FiltersProps {
  summary: RegisterSummary;
  search: RegisterSearch;
  /** Of all that fit. */
  shown: number | undefined;
  onFilter: (change: Partial<RegisterSearch>) => void;
  onClear: () => void;
}

/** By words, by site and by what isolates them. */
export function Filters({ summary, search, shown, onFilter, onClear }: FiltersProps) {
  const { t } = useTranslation();
  return (
    <div className={css.filters}>
      <Find text={search.q ?? ""} onText={(q) => onFilter({ q: q === "" ? undefined : q })} />
      {summary.sites.length > 1 && (
        <div className={css.chips}>
          {summary.sites.map(({ site, country, ...counts }) => (
            <Chip
              key={site ?? ""}
              name={site === null ? t("register.nowhere") : country === null ? site : `${site} · ${country}`}
              count={search.class === "virtual" ? counts.virtual : counts.public + counts.isolated}
              on={search.site === (site ?? "")}
              onToggle={(on) => onFilter({ site: on ? (site ?? "") : undefined })}
            />
          ))}
        </div>
      )}
      {summary.reasons.length > 0 && (
        <div className={css.chips}>
          {summary.reasons.map(({ code, count }) => (
            <Chip
              key={code}
              name={t(`register.reason.${code}`, { defaultValue: code })}
              count={count}
              on={search.reason === code}
              onToggle={(on) => onFilter({ reason: on ? code : undefined, ...(on && { class: "isolated", ends: undefined }) })}
            />
          ))}
        </div>
      )}
      <span className={css.shown}>
        <span role="status">{shown !== undefined && t("register.shown", { count: shown })}</span>
        {isFiltered(search) && (
          <Button size="compact-xs" variant="subtle" color="gray" onClick={onClear}>
            {t("register.clear")}
          </Button>
        )}
      </span>
    </div>
  );
}

function Chip({ name, count, on, onToggle }: { name: string; count: number; on: boolean; onToggle: (on: boolean) => void }) {
  return (
    <button type="button" className={css.chip} aria-pressed={on} onClick={() => onToggle(!on)}>
      {name} <span className={css.dim}>{formatNumber(count)}</span>
    </button>
  );
}

/** The letters stand there at once; the list follows when they pause. */
function Find({ text, onText }: { text: string; onText: (text: string) => void }) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState(text);
  useEffect(() => setTyped(text), [text]);
  const tell = useDebouncedCallback(onText, TYPING_MS);
  return (
    <TextInput
      className={css.find ?? ""}
      size="xs"
      type="search"
      aria-label={t("register.find")}
      placeholder={t("register.find")}
      maxLength={100}
      leftSection={<IconSearch size={14} stroke={1.5} aria-hidden="true" />}
      rightSection={
        typed !== "" && (
          <CloseButton
            size="sm"
            aria-label={t("register.findClear")}
            onClick={() => {
              setTyped("");
              onText("");
            }}
          />
        )
      }
      value={typed}
      onChange={(event) => {
        setTyped(event.currentTarget.value);
        tell(event.currentTarget.value.trim());
      }}
    />
  );
}
