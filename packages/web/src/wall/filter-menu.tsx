import { Checkbox, Popover, ScrollArea } from "@mantine/core";
import { IconChevronDown } from "@tabler/icons-react";
import { formatNumber } from "../language/format.js";
import menu from "./filter-menu.module.css";
import css from "./toolbar.module.css";

interface FilterMenuProps<T> {
  label: string;
  choices: readonly { value: T; name: string; count: number }[];
  chosen: readonly T[];
  onChoose: (chosen: readonly T[]) => void;
}

/** A chip that opens a list to choose from. Not shown where there is no choice. */
export function FilterMenu<T extends string | number>({ label, choices, chosen, onChoose }: FilterMenuProps<T>) {
  if (choices.length < 2 && chosen.length === 0) return null;
  const names = choices.filter(({ value }) => chosen.includes(value)).map(({ name }) => name);
  const toggle = (value: T) => onChoose(chosen.includes(value) ? chosen.filter((other) => other !== value) : [...chosen, value]);
  return (
    <Popover position="bottom-start" shadow="none" trapFocus>
      <Popover.Target>
        <button type="button" className={css.chip} aria-pressed={chosen.length > 0}>
          <span className={menu.chosen}>{names.length > 0 ? names.join(", ") : label}</span>
          <IconChevronDown size={14} stroke={1.5} aria-hidden="true" />
        </button>
      </Popover.Target>
      <Popover.Dropdown p={4}>
        <ScrollArea.Autosize mah={320}>
          {choices.map(({ value, name, count }) => (
            <Checkbox
              key={value}
              size="xs"
              className={menu.choice ?? ""}
              classNames={{ body: menu.body ?? "", labelWrapper: menu.wrapper ?? "", label: menu.label ?? "" }}
              checked={chosen.includes(value)}
              onChange={() => toggle(value)}
              label={
                <>
                  {name} <span className={menu.count}>{formatNumber(count)}</span>
                </>
              }
            />
          ))}
        </ScrollArea.Autosize>
      </Popover.Dropdown>
    </Popover>
  );
}
