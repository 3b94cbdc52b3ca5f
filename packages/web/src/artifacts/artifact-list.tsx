import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.js";
import { ErrorNote } from "../frame/error-note.js";
import { ArtifactItem } from "./artifact-item.js";
import css from "./artifacts.module.css";

const MOST = 50;

interface ArtifactListProps {
  of: { device: string } | { lease: string };
  /** Said where there are none. */
  none: string;
  /** There may be others when this changes. */
  changed?: unknown;
}

/** What was kept, the newest first. */
export function ArtifactList({ of, none, changed }: ArtifactListProps) {
  const { t } = useTranslation();
  const input = { ...of, limit: String(MOST) };
  const found = useQuery({
    ...api.artifacts.list.queryOptions({ input }),
    queryKey: [...api.artifacts.list.queryKey({ input }), changed],
    placeholderData: (before) => before,
  });
  if (found.error) return <ErrorNote error={found.error} onAgain={() => void found.refetch()} />;
  if (!found.data) {
    return (
      <div aria-busy="true">
        {[0, 1].map((line) => (
          <Skeleton key={line} height={48} mb={8} />
        ))}
      </div>
    );
  }
  const { items } = found.data;
  if (items.length === 0) return <p className={css.none}>{none}</p>;
  return (
    <>
      <ul className={css.list}>
        {items.map((artifact) => (
          <ArtifactItem key={artifact.id} artifact={artifact} />
        ))}
      </ul>
      {items.length === MOST && <p className={css.none}>{t("artifacts.more", { count: MOST })}</p>}
    </>
  );
}
