import { Button, Skeleton } from "@mantine/core";
import type { DeviceId } from "@phonerack/contract/api";
import { IconArrowLeft } from "@tabler/icons-react";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { RecordingMark } from "../artifacts/recording-mark.js";
import { useDevice, useDevices } from "../live/live.js";
import { DeviceStatus } from "../status/device-status.js";
import { DeviceName } from "./device-name.js";
import css from "./device-page.module.css";
import { Phone } from "./phone.js";
import { Side } from "./side.js";

const route = getRouteApi("/devices/$id");

/** One phone, as large as the window allows, and all that is known of it. */
export function DevicePage() {
  const { id } = route.useParams();
  const device = useDevice(id);
  const devices = useDevices();
  if (!devices) return <DeviceSkeleton />;
  if (!device) return <GoneDevice id={id} />;
  return (
    <div className={css.page}>
      <div className={css.phone}>
        <header className={css.head}>
          <BackToWall />
          <DeviceName key={id} device={device} />
          <DeviceStatus device={device} />
          <RecordingMark device={device} />
        </header>
        <Phone key={id} device={device} />
      </div>
      <Side device={device} />
    </div>
  );
}

function BackToWall() {
  const { t } = useTranslation();
  return (
    <Button
      component={Link}
      to="/"
      size="compact-sm"
      variant="subtle"
      color="gray"
      leftSection={<IconArrowLeft size={16} stroke={1.5} aria-hidden="true" />}
    >
      {t("device.back")}
    </Button>
  );
}

function GoneDevice({ id }: { id: DeviceId }) {
  const { t } = useTranslation();
  return (
    <div className={css.gone}>
      <h1>{t("device.goneTitle")}</h1>
      <p>{t("device.goneHow")}</p>
      <span className="mono">{id}</span>
      <Button component={Link} to="/" variant="default">
        {t("device.toWall")}
      </Button>
    </div>
  );
}

function DeviceSkeleton() {
  const { t } = useTranslation();
  return (
    <div className={css.page} aria-busy="true">
      <span className="visually-hidden" role="status">
        {t("device.loading")}
      </span>
      <div className={css.phone}>
        <div className={css.head}>
          <Skeleton height={20} width={160} />
        </div>
        <div className={css.ghost} />
      </div>
      <div className={css.ghostInfo}>
        {[200, 240, 180, 220, 160, 210].map((width) => (
          <Skeleton key={width} height={16} width={width} />
        ))}
      </div>
    </div>
  );
}
