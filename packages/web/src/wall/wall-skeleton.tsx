import { Skeleton } from "@mantine/core";
import { useTranslation } from "react-i18next";
import css from "./wall.module.css";

const TILES = Array.from({ length: 20 }, (_, index) => index);

/** The wall before the first answer: the shape of what comes. */
export function WallSkeleton() {
  const { t } = useTranslation();
  return (
    <div aria-busy="true">
      <span className="visually-hidden" role="status">
        {t("wall.loading")}
      </span>
      <div className={css.skeletonBar}>
        <Skeleton height={28} width={72} />
        <Skeleton height={28} width={96} />
        <Skeleton height={28} width={160} />
      </div>
      <div className={css.skeletonCard}>
        {TILES.map((tile) => (
          <div key={tile} className={css.skeletonTile} />
        ))}
      </div>
    </div>
  );
}
