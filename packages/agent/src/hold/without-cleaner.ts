/** Stands in while no cleaner is built in: calls every phone clean and says that nothing was looked at. */
import type { CreateCleaner } from "../cleaning/cleaner.js";

export const withoutCleaner: CreateCleaner = () =>
  Promise.resolve({
    clean: ({ deviceId, epoch }) => {
      const at = Date.now();
      return Promise.resolve({ deviceId, epoch, startedAt: at, endedAt: at, clean: true, reason: null, items: [] });
    },
    takeBaseline: () => Promise.resolve(Date.now()),
    baselineAt: () => 0,
  });
