import { useMemo } from "react";
import { encode } from "uqr";
import { CopyLine } from "../page/copy-line.js";
import css from "./account.module.css";

/** Always dark on light: cameras do not read it the other way round. The key below it is for those who type. */
export function QrCode({ text, label }: { text: string; label: string }) {
  const { size, path } = useMemo(() => {
    const { data, size } = encode(text, { border: 2 });
    const cells = data.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : [])));
    return { size, path: cells.join("") };
  }, [text]);
  return (
    <div className={css.qr}>
      <svg viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label} shapeRendering="crispEdges">
        <path d={path} fill="#000" />
      </svg>
      <CopyLine text={new URL(text).searchParams.get("secret") ?? text} />
    </div>
  );
}
