import { Button, Checkbox, FileButton } from "@mantine/core";
import { IconFolderPlus, IconUpload } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { SureButton } from "../page/sure-button.js";
import css from "./files.module.css";

interface FileToolsProps {
  onFiles: (files: File[]) => void;
  onNewFolder: () => void;
  hidden: boolean;
  onHidden: (hidden: boolean) => void;
  /** How many are selected. */
  selected: number;
  onRemove: () => void;
}

/** What is done in a folder as a whole. */
export function FileTools({ onFiles, onNewFolder, hidden, onHidden, selected, onRemove }: FileToolsProps) {
  const { t } = useTranslation();
  return (
    <div className={css.tools}>
      <FileButton multiple onChange={onFiles} inputProps={{ "aria-label": t("files.uploadLabel") }}>
        {(props) => (
          <Button {...props} size="xs" leftSection={<IconUpload size={14} stroke={1.5} aria-hidden="true" />}>
            {t("files.upload")}
          </Button>
        )}
      </FileButton>
      <Button
        size="xs"
        variant="default"
        leftSection={<IconFolderPlus size={14} stroke={1.5} aria-hidden="true" />}
        onClick={onNewFolder}
      >
        {t("files.newFolder")}
      </Button>
      <FileButton
        multiple
        onChange={onFiles}
        inputProps={{ "aria-label": t("files.uploadFolderLabel"), ...({ webkitdirectory: "" } as object) }}
      >
        {(props) => (
          <Button {...props} size="xs" variant="default">
            {t("files.uploadFolder")}
          </Button>
        )}
      </FileButton>
      {selected > 0 && (
        <SureButton
          label={t("files.removeSome", { count: selected })}
          question={t("files.removeSomeSure", { count: selected })}
          onSure={onRemove}
        />
      )}
      <Checkbox
        size="xs"
        label={t("files.hidden")}
        checked={hidden}
        onChange={(event) => onHidden(event.currentTarget.checked)}
      />
    </div>
  );
}
