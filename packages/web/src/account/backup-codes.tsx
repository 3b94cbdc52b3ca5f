import { CopyLine } from "../page/copy-line.js";
import css from "./account.module.css";

/** Each works once instead of the authenticator. */
export function BackupCodes({ codes }: { codes: readonly string[] }) {
  return (
    <div className={css.codes}>
      <CopyLine text={codes.join(" ")} />
    </div>
  );
}
