import { Button, Popover, Textarea, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import type { KeyName } from "@phonerack/contract/api";
import {
  IconArrowBackUp,
  IconBackspace,
  IconCircle,
  IconClipboardText,
  IconLink,
  IconRocket,
  IconSquare,
} from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.js";
import { PhoneButton, type PhoneButtonProps } from "../device/phone-buttons.js";
import css from "./group.module.css";
import type { GroupHand } from "./use-leader-hand.js";

const KEYS = [
  ["back", "BACK", IconArrowBackUp],
  ["home", "HOME", IconCircle],
  ["recents", "APP_SWITCH", IconSquare],
] as const satisfies readonly (readonly [string, KeyName, unknown])[];

/** Keys for all phones of the group, and what a finger cannot do: open an app or a link, paste, empty a field. */
export function GroupButtons({ hand, disabled }: { hand: GroupHand; disabled: boolean }) {
  const { t } = useTranslation();
  return (
    <div className={css.buttons} role="toolbar" aria-label={t("groups.buttons")}>
      {KEYS.map(([name, key, icon]) => (
        <PhoneButton
          key={name}
          label={t(`buttons.${name}`)}
          icon={icon}
          disabled={disabled}
          onClick={() => hand.step({ type: "key", key })}
        />
      ))}
      <span className={css.divider} />
      <Asking label={t("groups.launch")} icon={IconRocket} disabled={disabled}>
        {(close) => <Launch hand={hand} onDone={close} />}
      </Asking>
      <Asking label={t("groups.link")} icon={IconLink} disabled={disabled}>
        {(close) => <OpenLink hand={hand} onDone={close} />}
      </Asking>
      <Asking label={t("groups.paste")} icon={IconClipboardText} disabled={disabled}>
        {(close) => <Paste hand={hand} onDone={close} />}
      </Asking>
      <PhoneButton
        label={t("groups.clear")}
        icon={IconBackspace}
        disabled={disabled}
        onClick={() => hand.step({ type: "clear" })}
      />
    </div>
  );
}

interface AskingProps extends Pick<PhoneButtonProps, "label" | "icon" | "disabled"> {
  children: (close: () => void) => ReactNode;
}

function Asking({ label, icon, disabled, children }: AskingProps) {
  const [opened, { toggle, close }] = useDisclosure(false);
  return (
    <Popover opened={opened} onChange={(open) => !open && close()} position="top" shadow="none" trapFocus returnFocus width={300}>
      <Popover.Target>
        <span>
          <PhoneButton label={label} icon={icon} disabled={disabled} onClick={toggle} />
        </span>
      </Popover.Target>
      <Popover.Dropdown>{children(close)}</Popover.Dropdown>
    </Popover>
  );
}

interface StepFormProps {
  hand: GroupHand;
  onDone: () => void;
}

const MOST_OFFERED = 12;

/** One's own apps by one click, any other by its package: the gate says what it thinks of that. */
function Launch({ hand, onDone }: StepFormProps) {
  const { t } = useTranslation();
  const apps = useQuery(api.apps.list.queryOptions({ input: { limit: 200 } }));
  const [name, setName] = useState("");
  const owned = apps.data?.items.filter(({ ownership }) => ownership !== null) ?? [];
  const launch = (app: string) => {
    hand.step({ type: "launch", package: app });
    onDone();
  };
  return (
    <form
      className={css.ask}
      onSubmit={(event) => {
        event.preventDefault();
        launch(name.trim());
      }}
    >
      {owned.length > 0 && (
        <div className={css.actions}>
          {owned.slice(0, MOST_OFFERED).map((app) => (
            <Button key={app.id} size="compact-sm" variant="default" title={app.package} onClick={() => launch(app.package)}>
              {app.label}
            </Button>
          ))}
        </div>
      )}
      <TextInput
        size="xs"
        data-autofocus
        required
        label={t("groups.launchWhat")}
        placeholder="com.example.app"
        maxLength={200}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Button type="submit" size="xs">
        {t("groups.launchNow")}
      </Button>
    </form>
  );
}

function OpenLink({ hand, onDone }: StepFormProps) {
  const { t } = useTranslation();
  const [url, setUrl] = useState("");
  return (
    <form
      className={css.ask}
      onSubmit={(event) => {
        event.preventDefault();
        hand.step({ type: "link", url: url.trim() });
        onDone();
      }}
    >
      <TextInput
        size="xs"
        data-autofocus
        required
        label={t("groups.linkWhat")}
        placeholder="myapp://item/7"
        maxLength={2_000}
        value={url}
        onChange={(event) => setUrl(event.currentTarget.value)}
      />
      <Button type="submit" size="xs">
        {t("groups.linkNow")}
      </Button>
    </form>
  );
}

function Paste({ hand, onDone }: StepFormProps) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  return (
    <form
      className={css.ask}
      onSubmit={(event) => {
        event.preventDefault();
        hand.paste?.(text);
        onDone();
      }}
    >
      <Textarea
        size="xs"
        data-autofocus
        required
        autosize
        maxRows={6}
        label={t("groups.pasteWhat")}
        maxLength={10_000}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <Button type="submit" size="xs">
        {t("groups.pasteNow")}
      </Button>
    </form>
  );
}
