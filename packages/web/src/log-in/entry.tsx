import type { ReactNode } from "react";
import { Logo } from "../frame/logo.js";
import css from "./log-in.module.css";

/** A page before the console: one card in the middle, with one thing to do. */
export function Entry({ title, children }: { title: string; children: ReactNode }) {
  return (
    <main className={css.entry} id="page">
      <div className={css.card}>
        <span className={css.logo}>
          <Logo />
        </span>
        <h1>{title}</h1>
        {children}
      </div>
    </main>
  );
}
