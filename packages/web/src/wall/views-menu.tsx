import { ActionIcon, Button, Menu, TextInput } from "@mantine/core";
import { useLocalStorage } from "@mantine/hooks";
import { IconBookmark, IconCheck, IconLink, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import css from "./toolbar.module.css";
import { isView, readViews, viewsKey, type WallView, withView } from "./views.js";
import type { WallSearch } from "./wall-search.js";

interface ViewsMenuProps {
  actor: string;
  search: WallSearch;
  /** Null: as large as fits. */
  tileWidth: number | null;
  onShow: (view: WallView) => void;
}

/** Views that were named, and a name for what is seen now. */
export function ViewsMenu({ actor, search, tileWidth, onShow }: ViewsMenuProps) {
  const { t } = useTranslation();
  const [views, setViews] = useLocalStorage<readonly WallView[]>({
    key: viewsKey(actor),
    defaultValue: [],
    deserialize: readViews,
    getInitialValueInEffect: false,
  });
  const size = tileWidth ?? undefined;
  const current = views.find((view) => isView(view, search, size));
  const { focus: _, ...seen } = search;
  return (
    <Menu position="bottom-end" closeOnItemClick={false} width={280}>
      <Menu.Target>
        <Button
          size="compact-sm"
          variant="default"
          className={css.views ?? ""}
          leftSection={<IconBookmark size={14} stroke={1.5} aria-hidden="true" />}
        >
          <span className={css.viewName}>{current?.name ?? t("wall.views")}</span>
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {views.length === 0 && <Menu.Label>{t("wall.noViews")}</Menu.Label>}
        {views.map((view) => (
          <div key={view.name} className={css.view}>
            <Menu.Item
              leftSection={
                view === current ? <IconCheck size={14} stroke={1.5} aria-hidden="true" /> : <span className={css.noCheck} />
              }
              onClick={() => onShow(view)}
            >
              {view.name}
            </Menu.Item>
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={t("wall.forgetView", { name: view.name })}
              onClick={() => setViews(views.filter((other) => other !== view))}
            >
              <IconTrash size={14} stroke={1.5} aria-hidden="true" />
            </ActionIcon>
          </div>
        ))}
        <Menu.Divider />
        <NameView onName={(name) => setViews(withView(views, { name, search: { ...seen, ...(size ? { size } : {}) } }))} />
        <CopyLink size={size} />
      </Menu.Dropdown>
    </Menu>
  );
}

function NameView({ onName }: { onName: (name: string) => void }) {
  const { t } = useTranslation();
  const [name, setName] = useState("");
  return (
    <form
      className={css.nameView}
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim() === "") return;
        onName(name);
        setName("");
      }}
    >
      <TextInput
        size="xs"
        aria-label={t("wall.viewName")}
        placeholder={t("wall.viewName")}
        maxLength={60}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        // The menu would take letters for its own items.
        onKeyDown={(event) => event.key !== "Escape" && event.stopPropagation()}
      />
      <Button size="compact-sm" type="submit" disabled={name.trim() === ""}>
        {t("wall.saveView")}
      </Button>
    </form>
  );
}

/** The address of what is seen now, its size too: for others, or for a bookmark. */
function CopyLink({ size }: { size: number | undefined }) {
  const { t } = useTranslation();
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    const address = new URL(location.href);
    address.searchParams.delete("focus");
    if (size !== undefined) address.searchParams.set("size", String(size));
    await navigator.clipboard.writeText(address.href);
    setCopied(true);
  };
  return (
    <Menu.Item leftSection={<IconLink size={14} stroke={1.5} aria-hidden="true" />} onClick={() => void copy()}>
      {copied ? t("wall.copied") : t("wall.linkView")}
    </Menu.Item>
  );
}
