import { ActionIcon, Button, Popover } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import css from "./page.module.css";

interface SureButtonProps {
  /** What it does, e.g. "Remove". */
  label: string;
  /** Told to screen readers: of what it is. */
  of?: string;
  /** What follows from it, asked before it is done. */
  question: string;
  pending?: boolean;
  /** Instead of its label, where many stand in a list. */
  icon?: ReactNode;
  /** At which end of it the question stands: at a page's left edge the start. */
  side?: "start" | "end";
  onSure: () => void;
}

/** For what cannot be taken back: asks once more, beside its own place, so that nothing moves. */
export function SureButton({ label, of, question, pending = false, icon, side = "end", onSure }: SureButtonProps) {
  const { t } = useTranslation();
  const [asking, { toggle, close }] = useDisclosure(false);
  const name = of ? `${label}: ${of}` : label;
  const sure = () => {
    close();
    onSure();
  };
  return (
    <Popover
      opened={asking}
      onChange={(open) => !open && close()}
      position={`bottom-${side}`}
      shadow="none"
      trapFocus
      returnFocus
    >
      <Popover.Target>
        {icon ? (
          <ActionIcon size="sm" variant="subtle" color="gray" loading={pending} aria-label={name} onClick={toggle}>
            {icon}
          </ActionIcon>
        ) : (
          <Button size="compact-sm" variant="default" loading={pending} aria-label={of && name} onClick={toggle}>
            {label}
          </Button>
        )}
      </Popover.Target>
      <Popover.Dropdown className={css.sure ?? ""}>
        <p>{question}</p>
        <div className={css.actions}>
          <Button size="compact-sm" color="red" data-autofocus onClick={sure}>
            {label}
          </Button>
          <Button size="compact-sm" variant="subtle" color="gray" onClick={close}>
            {t("device.cancel")}
          </Button>
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}
