/**
 * A digest of what kind of screen is shown: classes, resource ids and depths of what can be seen. Language, content, the number of rows and what
 * fits on a screen do not matter; which screen of which app it is does.
 */
import { createHash } from "node:crypto";
import { isEmpty, type UiNode, type UiTree } from "./tree.js";

const LISTS = /(ScrollView|RecyclerView|ListView|GridView|ViewPager2?|Gallery)$/;

export function signatureOf(tree: UiTree): string {
  const shape = tree.roots.map(shapeOf).join("|");
  return createHash("sha256").update(shape).digest("hex").slice(0, 16);
}

function shapeOf(node: UiNode): string {
  const name = `${node.class}#${node.id}`;
  // What a list shows is its content, and how much of it depends on the screen.
  if (node.scrollable || LISTS.test(node.class)) return name;
  const shapes = node.children.filter(({ bounds }) => !isEmpty(bounds)).map(shapeOf);
  // Rows that are alike are one.
  return `${name}(${[...new Set(shapes)].join(",")})`;
}
