import { Modal, ScrollArea, TextInput } from "@mantine/core";
import { IconArrowRight, IconSearch } from "@tabler/icons-react";
import { useCallback, useId, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useDevices } from "../live/live.js";
import { useActor } from "../session/use-session.js";
import { statusOf } from "../status/status.js";
import { StatusMark } from "../status/status-mark.js";
import { findByName, wordsOf } from "../wall/filters.js";
import css from "./palette.module.css";
import { type Command, useCommands } from "./use-commands.js";

/** More than this is no answer; another word narrows it. */
const MOST_PHONES = 8;

const MOST_HOLDS = 3;
/** What may be typed before a phone's name. */
const VERBS: readonly string[] = ["take", "release"];

/** Ctrl-K: from anywhere to any phone or action, by typing a part of its name. */
export function Palette({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const list = useId();
  const actor = useActor();
  const find = useFind(actor);
  const found = useMemo(() => find(text), [find, text]);
  const run = (command: Command | undefined) => {
    if (!command) return;
    onClose();
    command.run();
  };
  const onKeyDown = (event: React.KeyboardEvent<HTMLInputElement>) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      setAt((before) => (before + step + found.length) % Math.max(1, found.length));
    }
    if (event.key !== "Enter" || event.nativeEvent.isComposing) return;
    // What is typed counts: whoever types quickly is ahead of what is drawn.
    const typed = event.currentTarget.value;
    run(typed === text ? found[at] : find(typed)[0]);
  };
  return (
    <Modal
      opened
      onClose={onClose}
      withCloseButton={false}
      title={null}
      padding={0}
      size={560}
      yOffset="12vh"
      aria-label={t("palette.title")}
    >
      <TextInput
        data-autofocus
        role="combobox"
        aria-expanded="true"
        aria-controls={list}
        aria-activedescendant={found[at] && `${list}-${at}`}
        aria-label={t("palette.title")}
        placeholder={t("palette.placeholder")}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
        leftSection={<IconSearch size={18} stroke={1.5} aria-hidden="true" />}
        classNames={{ input: css.input ?? "" }}
      />
      <ScrollArea.Autosize mah="50vh">
        <div id={list} role="listbox" aria-label={t("palette.title")} className={css.list}>
          {found.map((command, index) => (
            // The keyboard's way is the combobox above; options are not tab stops of their own.
            <div
              key={command.key}
              id={`${list}-${index}`}
              role="option"
              tabIndex={-1}
              aria-selected={index === at}
              className={css.option}
              onPointerMove={() => setAt(index)}
              onClick={() => run(command)}
              onKeyDown={undefined}
            >
              {command.device ? (
                <StatusMark status={statusOf(command.device, actor)} compact />
              ) : (
                <IconArrowRight size={14} stroke={1.5} aria-hidden="true" />
              )}
              <span className={css.name}>{command.name}</span>
              <span className={css.detail}>{command.detail}</span>
            </div>
          ))}
          {found.length === 0 && <p className={css.nothing}>{t("palette.nothing", { text })}</p>}
        </div>
      </ScrollArea.Autosize>
    </Modal>
  );
}

function useFind(actor: string | undefined): (text: string) => readonly Command[] {
  const devices = useDevices();
  const { actions, ofDevice, holdOf } = useCommands();
  return useCallback(
    (text: string) => {
      const words = wordsOf(text);
      const fitting = actions.filter(({ name }) => words.every((word) => name.toLocaleLowerCase().includes(word)));
      const named = words.filter((word) => !VERBS.includes(word));
      const phones = findByName(devices ?? [], { words: named, most: MOST_PHONES, actor });
      if (words.length === 0) return [...fitting, ...phones.map(ofDevice)];
      const holds = phones.slice(0, MOST_HOLDS).flatMap((device) => holdOf(device) ?? []);
      const wanted = holds.filter(({ key }) => words.some((word) => key.startsWith(word)));
      return named.length < words.length ? [...wanted, ...fitting] : [...phones.map(ofDevice), ...holds, ...fitting];
    },
    [devices, actions, ofDevice, holdOf, actor],
  );
}
