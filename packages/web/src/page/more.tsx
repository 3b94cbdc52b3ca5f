import page from "./page.module.css";

/** Under a list of which only the first are shown. */
export function More({ words, onMore }: { words: string; onMore: () => void }) {
  return (
    <p className={page.block}>
      <button type="button" className={page.link} onClick={onMore}>
        {words}
      </button>
    </p>
  );
}
