import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.js";
import { formatDate } from "../language/format.js";
import { ClassMark, classOf } from "./class-mark.js";
import css from "./register.module.css";

/** On a phone's own page: its class in the register, why, and the way to its record. For those who run the lab. */
export function RegisterLine({ id }: { id: string }) {
  const { t } = useTranslation();
  const { data } = useQuery(api.register.get.queryOptions({ input: { id }, refetchInterval: 30_000 }));
  const [reason, ...others] = data?.network.reasons ?? [];
  const until = data?.network.until ?? null;
  return (
    <>
      {data && <ClassMark name={classOf(data)} />} {until !== null && t("register.until", { day: formatDate(until - 1) })}{" "}
      {reason && (
        <span className={css.why}>
          {reason.words} {others.length > 0 && t("register.more", { count: others.length })}
        </span>
      )}
      <Link to="/admin/{-$part}" params={{ part: "register" }} search={{ device: id }}>
        {t("register.infoOpen")}
      </Link>
    </>
  );
}
