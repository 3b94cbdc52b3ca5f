import { ActionIcon, Button, Checkbox, TextInput } from "@mantine/core";
import { API_PREFIX, type DeviceId, type FileEntry } from "@phonerack/contract/api";
import {
  IconArchive,
  IconDownload,
  IconFile,
  IconFolder,
  IconLink,
  IconPencil,
  IconQuestionMark,
  IconTrash,
} from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { formatBytes, formatDateTime } from "../language/format.js";
import { SureButton } from "../page/sure-button.js";
import css from "./files.module.css";

const ICONS = { folder: IconFolder, file: IconFile, link: IconLink, other: IconQuestionMark, IconTrash } as const;

interface FileRowProps {
  deviceId: DeviceId;
  folder: string;
  entry: FileEntry;
  selected: boolean;
  onSelect: (selected: boolean) => void;
  onOpen: (path: string) => void;
  onKeep: () => void;
  onRename: (to: string) => Promise<unknown>;
  onRemove: () => void;
}

/** One file or folder: opened, fetched, kept, renamed, removed. */
export function FileRow({ deviceId, folder, entry, selected, onSelect, onOpen, onKeep, onRename, onRemove }: FileRowProps) {
  const { t } = useTranslation();
  const [renaming, setRenaming] = useState(false);
  const { name, kind, size, modifiedAt, target, raw } = entry;
  const path = `${folder === "/" ? "" : folder}/${name}`;
  const Icon = ICONS[kind];
  const reachable = raw === undefined;
  return (
    <tr>
      <td className={css.check}>
        <Checkbox
          size="xs"
          disabled={!reachable}
          checked={selected}
          aria-label={t("files.select", { name })}
          onChange={(event) => onSelect(event.currentTarget.checked)}
        />
      </td>
      <td className={css.name}>
        <Icon size={16} stroke={1.5} aria-hidden="true" />
        {renaming ? (
          <NameField
            name={name}
            onSave={(to) => onRename(to).finally(() => setRenaming(false))}
            onCancel={() => setRenaming(false)}
          />
        ) : kind === "folder" && reachable ? (
          <button type="button" className={css.open} onClick={() => onOpen(path)}>
            {name}
          </button>
        ) : (
          <span title={reachable ? (target ? t("files.link", { target }) : name) : t("files.noText")}>{name}</span>
        )}
      </td>
      <td className={css.size}>{kind === "file" ? formatBytes(size) : ""}</td>
      <td className={css.time}>{formatDateTime(modifiedAt)}</td>
      <td className={css.actions}>
        {reachable && (
          <>
            {(kind === "file" || kind === "folder") && (
              <ActionIcon
                component="a"
                size="sm"
                variant="subtle"
                color="gray"
                href={`${API_PREFIX}/devices/${deviceId}/files/content?path=${encodeURIComponent(path)}`}
                download={kind === "folder" ? `${name}.tar` : name}
                aria-label={`${t("files.download")}: ${name}`}
              >
                <IconDownload size={16} stroke={1.5} aria-hidden="true" />
              </ActionIcon>
            )}
            {(kind === "file" || kind === "folder") && (
              <ActionIcon
                size="sm"
                variant="subtle"
                color="gray"
                title={t("files.keep")}
                aria-label={`${t("files.keep")}: ${name}`}
                onClick={onKeep}
              >
                <IconArchive size={16} stroke={1.5} aria-hidden="true" />
              </ActionIcon>
            )}
            <ActionIcon
              size="sm"
              variant="subtle"
              color="gray"
              aria-label={`${t("files.rename")}: ${name}`}
              onClick={() => setRenaming(true)}
            >
              <IconPencil size={16} stroke={1.5} aria-hidden="true" />
            </ActionIcon>
            <SureButton
              label={t("files.remove")}
              of={name}
              question={t("files.removeSure", { name })}
              icon={<IconTrash size={16} stroke={1.5} aria-hidden="true" />}
              onSure={onRemove}
            />
          </>
        )}
      </td>
    </tr>
  );
}

interface NameFieldProps {
  name: string;
  onSave: (name: string) => Promise<unknown>;
  onCancel: () => void;
}

export function NameField({ name, onSave, onCancel }: NameFieldProps) {
  const { t } = useTranslation();
  const [text, setText] = useState(name);
  const [saving, setSaving] = useState(false);
  const save = () => {
    const to = text.trim();
    if (to === "" || to === name) return onCancel();
    setSaving(true);
    void onSave(to).finally(() => setSaving(false));
  };
  return (
    <form
      className={css.rename}
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <TextInput
        size="xs"
        data-autofocus
        autoFocus
        aria-label={t("files.name")}
        value={text}
        disabled={saving}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => event.key === "Escape" && onCancel()}
      />
      <Button size="compact-xs" type="submit" loading={saving}>
        {t("files.save")}
      </Button>
      <Button size="compact-xs" variant="subtle" color="gray" onClick={onCancel}>
        {t("files.cancel")}
      </Button>
    </form>
  );
}
