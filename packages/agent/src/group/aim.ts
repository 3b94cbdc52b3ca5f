/** Finds what stands at a place on the leader, and says it so that other phones find theirs: whatever their screen, language or content is. */
import { type AimedElement, type GroupOrder, PhonerackError, type StepPoint } from "@phonerack/contract/bus";
import { alike, descriptionOf, nearOf, targetAt, textOf, withinOf, wordsOf } from "./find.js";
import { type Follower, isPoint, lookRefused } from "./follower.js";
import type { UiNode, UiTree } from "./tree.js";

type AimOrder = Extract<GroupOrder, { order: "aim" }>;

/** null when nothing is there. Fails with `engine_unavailable`, `denied`, `too_late` when the screen has turned, and the phone's errors. */
export async function aimAt(leader: Follower, { step }: AimOrder): Promise<AimedElement | null> {
  const at = "at" in step && isPoint(step.at) ? step.at : undefined;
  if (!at) return null;
  if (!leader.engine) throw new PhonerackError("engine_unavailable", "this group aims by point");
  const { screen } = leader.phone.report;
  if (screen && (screen.width !== at.width || screen.height !== at.height))
    throw new PhonerackError(
      "too_late",
      `aimed at a screen of ${at.width}x${at.height}; it is ${screen.width}x${screen.height} now`,
    );
  const refusal = await lookRefused(leader);
  if (refusal) throw new PhonerackError("denied", refusal);
  const tree = await leader.engine.tree();
  const node = targetAt(tree, at.x, at.y);
  if (!node) return null;
  const { foreground } = leader.phone.report;
  const activity = foreground?.package === node.package ? foreground.activity : "";
  return { ...describe({ tree, node, at }), activity, ...(await namesOn(leader, node)) };
}

function describe({
  tree,
  node,
  at,
}: {
  tree: UiTree;
  node: UiNode;
  at: StepPoint;
}): Omit<AimedElement, "activity" | "textNames" | "descriptionNames"> {
  const { bounds } = node;
  const part = (value: number, from: number, to: number): number =>
    Math.max(0, Math.min(1, (value - from) / Math.max(1, to - from)));
  const [text, description] = [textOf(node), descriptionOf(node)];
  const same = {
    package: node.package.slice(0, 200),
    resourceId: node.id === "" ? null : node.id.slice(0, 300),
    class: node.class.slice(0, 300),
    within: withinOf(node)?.slice(0, 300) ?? null,
  };
  const own = (words: string | null) => (words === null ? undefined : [words]);
  const candidates = alike(tree, same, { descriptions: own(description), texts: own(text), nears: undefined });
  return {
    ...same,
    text,
    description,
    index: Math.max(0, candidates.indexOf(node)),
    of: Math.max(1, candidates.length),
    at: { x: part(at.x, bounds.left, bounds.right), y: part(at.y, bounds.top, bounds.bottom) },
    bounds: {
      left: bounds.left / at.width,
      top: bounds.top / at.height,
      right: bounds.right / at.width,
      bottom: bounds.bottom / at.height,
    },
    near: text === null ? (nearOf(node)?.slice(0, 1_000) ?? null) : null,
    words: wordsOf(node),
  };
}

/** What the app's makers call the texts that stand there. */
async function namesOn(leader: Follower, node: UiNode): Promise<Pick<AimedElement, "textNames" | "descriptionNames">> {
  const text = textOf(node) ?? nearOf(node);
  const description = descriptionOf(node);
  if (text === null && description === null) return { textNames: [], descriptionNames: [] };
  const strings = await leader.strings.of(node.package);
  const names = (words: string | null): string[] => (words === null ? [] : [...(strings?.here.names(words) ?? [])].slice(0, 20));
  return { textNames: names(text), descriptionNames: names(description) };
}
