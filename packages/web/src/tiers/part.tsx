import type { ReactNode } from "react";
import css from "./tiers.module.css";

/** One thing that can be done with an organisation, opened when it is wanted. */
export function Part({ title, open = false, children }: { title: string; open?: boolean; children: ReactNode }) {
  return (
    <details className={css.part} open={open}>
      <summary>{title}</summary>
      {children}
    </details>
  );
}
