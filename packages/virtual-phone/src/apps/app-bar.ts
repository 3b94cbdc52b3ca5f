/** The bar at the top of an app's window: Back when there is somewhere to go, the title, actions. */
import type { Kit } from "../views/kit.js";
import type { View } from "../views/view.js";

export interface AppBarOptions {
  readonly title: string;
  readonly onBack?: () => void;
  readonly actions?: readonly View[];
}

export function appBar(kit: Kit, options: AppBarOptions): View {
  const back = options.onBack ? [kit.iconButton("back", { onClick: options.onBack, description: "Navigate up" })] : [];
  const side = { left: kit.dp(options.onBack ? 4 : 20), right: kit.dp(6), top: kit.dp(6), bottom: kit.dp(6) };
  const title = kit.text(options.title, options.onBack ? 20 : 26, {
    bold: true,
    weight: 1,
    width: 0,
    maxLines: 1,
    id: "title_bar",
  });
  return kit.row({ height: kit.dp(64), padding: side, gap: kit.dp(4), id: "toolbar" }, [
    ...back,
    title,
    ...(options.actions ?? []),
  ]);
}
