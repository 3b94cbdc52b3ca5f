import type { Lease, Session } from "@phonerack/contract/api";
import { useTranslation } from "react-i18next";
import { StatusMark } from "../status/status-mark.js";

/** Whose a lease is, and how it stands, with the mark that its phones have. */
export function LeaseMark({ lease, session }: { lease: Lease; session: Session | undefined }) {
  const { t } = useTranslation();
  const status = lease.actor === session?.actor ? "yours" : "taken";
  return (
    <StatusMark status={status} word={lease.phase === "active" ? t(`status.${status}`) : t(`leases.phase.${lease.phase}`)} />
  );
}
