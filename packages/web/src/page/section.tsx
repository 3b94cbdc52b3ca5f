import type { ReactNode } from "react";
import css from "./page.module.css";

interface SectionProps {
  title: string;
  /** What it is for, in a sentence. */
  hint?: string;
  /** Stands at the right of the title. */
  action?: ReactNode;
  children: ReactNode;
}

/** A part of a page: its title, what it is for, and a framed body. */
export function Section({ title, hint, action, children }: SectionProps) {
  return (
    <section className={css.section}>
      <header className={css.sectionHead}>
        <h2>{title}</h2>
        {action}
      </header>
      {hint && <p className={css.sectionHint}>{hint}</p>}
      <div className={css.body}>{children}</div>
    </section>
  );
}

/** A line of a section: what it is, and its value or what can be done with it. */
export function Row({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className={css.row}>
      <span className={css.name}>{name}</span>
      <div>{children}</div>
    </div>
  );
}

/** Nothing here yet, and the one thing that helps. */
export function Blank({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className={css.blank}>
      <p>{title}</p>
      {children}
    </div>
  );
}
