/** Takes a screenshot and hands it to the browser as a file. */
import type { Device } from "@phonerack/contract/api";
import { useMutation } from "@tanstack/react-query";
import { client } from "../api/client.js";
import { shownError } from "../api/sentence.js";
import { saveFile } from "../page/save-file.js";

export function useScreenshot(device: Pick<Device, "id" | "name">) {
  const { mutate, isPending, error } = useMutation({
    mutationFn: () => client.devices.screenshot({ id: device.id }),
    onSuccess: (png) => saveFile(png, `${device.name} ${new Date().toISOString().replaceAll(":", "-").slice(0, 19)}.png`),
  });
  return { take: () => mutate(), taking: isPending, error: error ? shownError(error).message : undefined };
}
