/** Takes a screenshot: as a file for the browser, bare or with a phone around it, or among what is kept of the lease. */
import type { Device } from "@phonerack/contract/api";
import { useMutation } from "@tanstack/react-query";
import { client } from "../api/client.js";
import { shownError } from "../api/sentence.js";
import { useKeep } from "../artifacts/use-keep.js";
import { saveFile } from "../page/save-file.js";

export type ScreenshotWish = "save" | "save-framed" | "keep";

export function useScreenshot(device: Pick<Device, "id" | "name">) {
  const keep = useKeep(device);
  const { mutate, isPending, error, data } = useMutation({
    mutationFn: async (wish: ScreenshotWish) => {
      if (wish === "keep") {
        const { artifact } = await keep.mutateAsync({ type: "screenshot", frame: false });
        return { kept: artifact };
      }
      const png = await client.devices.screenshot({ id: device.id, ...(wish === "save-framed" && { frame: "true" }) });
      saveFile(png, `${device.name} ${new Date().toISOString().replaceAll(":", "-").slice(0, 19)}.png`);
      return {};
    },
  });
  return {
    take: mutate,
    taking: isPending,
    kept: data?.kept !== undefined,
    error: error ? shownError(error).message : undefined,
  };
}
