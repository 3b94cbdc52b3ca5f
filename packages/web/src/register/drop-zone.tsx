import { Button, FileButton } from "@mantine/core";
import { IconUpload } from "@tabler/icons-react";
import { type DragEvent, useState } from "react";
import css from "./register.module.css";

interface DropZoneProps {
  /** What is wanted, told beside the button and to screen readers. */
  words: string;
  button: string;
  /** As browsers filter files that are chosen. */
  accept: string;
  multiple?: boolean;
  onFiles: (files: readonly File[]) => void;
}

/** Where files are dropped, or chosen by its button. */
export function DropZone({ words, button, accept, multiple = false, onFiles }: DropZoneProps) {
  const [over, setOver] = useState(false);
  const take = (event: DragEvent<HTMLElement>) => {
    event.preventDefault();
    setOver(false);
    onFiles([...event.dataTransfer.files].slice(0, multiple ? undefined : 1));
  };
  return (
    <section
      className={css.zone}
      data-over={over || undefined}
      aria-label={words}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={take}
    >
      <IconUpload size={18} stroke={1.5} aria-hidden="true" />
      <p>{words}</p>
      <FileButton multiple={multiple} accept={accept} onChange={(files) => onFiles(files === null ? [] : [files].flat())}>
        {(props) => (
          <Button {...props} size="xs" variant="default">
            {button}
          </Button>
        )}
      </FileButton>
    </section>
  );
}
