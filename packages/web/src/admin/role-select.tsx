import { NativeSelect } from "@mantine/core";
import { Role } from "@phonerack/contract/api";
import { useTranslation } from "react-i18next";
import css from "./admin.module.css";

interface RoleSelectProps {
  value: Role;
  onChange: (role: Role) => void;
  /** Seen above it; `name` instead is heard only. */
  label?: string;
  name?: string;
  without?: Role;
  disabled?: boolean;
}

/** The four roles, each with what it may do. */
export function RoleSelect({ value, onChange, label, name, without, disabled = false }: RoleSelectProps) {
  const { t } = useTranslation();
  return (
    <NativeSelect
      size="xs"
      className={css.role ?? ""}
      label={label}
      aria-label={name}
      title={t(`account.roleHint.${value}`)}
      disabled={disabled}
      value={value}
      data={Role.options.filter((role) => role !== without).map((role) => ({ value: role, label: t(`account.role.${role}`) }))}
      onChange={(event) => onChange(event.currentTarget.value as Role)}
    />
  );
}
