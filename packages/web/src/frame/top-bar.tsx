import { ActionIcon, Tooltip, useMantineColorScheme } from "@mantine/core";
import { IconDeviceDesktop, IconMoon, IconSearch, IconSun } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { AccountMenu } from "./account-menu.js";
import css from "./frame.module.css";
import { LiveBadge } from "./live-badge.js";
import { Logo } from "./logo.js";

export function TopBar({ onSearch }: { onSearch: () => void }) {
  const { t } = useTranslation();
  return (
    <header className={css.top}>
      <Link to="/" className={css.brand}>
        <Logo />
        {t("app.name")}
      </Link>
      <button type="button" className={css.search} onClick={onSearch}>
        <IconSearch size={16} stroke={1.5} aria-hidden="true" />
        {t("palette.open")}
        <kbd>Ctrl K</kbd>
      </button>
      <LiveBadge />
      <ThemeButton />
      <AccountMenu />
    </header>
  );
}

const NEXT = { auto: "light", light: "dark", dark: "auto" } as const;
const ICONS = { auto: IconDeviceDesktop, light: IconSun, dark: IconMoon } as const;

function ThemeButton() {
  const { t } = useTranslation();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const Icon = ICONS[colorScheme];
  return (
    <Tooltip label={t(`theme.${colorScheme}`)}>
      <ActionIcon
        variant="subtle"
        color="gray"
        size={32}
        aria-label={t(`theme.${colorScheme}`)}
        onClick={() => setColorScheme(NEXT[colorScheme])}
      >
        <Icon size={18} stroke={1.5} aria-hidden="true" />
      </ActionIcon>
    </Tooltip>
  );
}
