/** What the interpreter asks of a list of pipelines before it runs it. */
import type { AndOr } from "./syntax-tree.js";

/** Both outputs go elsewhere: the session need not stay open for it. */
export function isDetached(item: AndOr): boolean {
  return item.pipelines.every(({ pipeline }) => {
    const redirects = pipeline.commands.at(-1)?.redirects ?? [];
    return [1, 2].every((wanted) => redirects.some(({ fd, operator }) => fd === wanted && operator.startsWith(">")));
  });
}

export function endsPlainly(item: AndOr): boolean {
  return item.pipelines.length === 1 && !item.pipelines[0]?.pipeline.negated;
}
