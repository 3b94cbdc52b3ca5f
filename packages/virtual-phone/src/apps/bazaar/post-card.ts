/** One post of the feed: who, picture, words, and its counters to press. */
import type { Phone } from "../../phone/phone.js";
import { rgb } from "../../screen/geometry.js";
import type { Kit } from "../../views/kit.js";
import { CanvasView } from "../../views/text-view.js";
import type { View } from "../../views/view.js";
import { BAZAAR_TEXT, type Post, paintArt } from "./content.js";
import { BAZAAR_DATA } from "./store.js";

export interface PostCardParts {
  readonly phone: Phone;
  readonly kit: Kit;
  readonly post: Post;
  /** After a like or a follow. */
  readonly changed: () => void;
  readonly open?: () => void;
}

export function postCard(parts: PostCardParts): View {
  const { phone, kit, post } = parts;
  const art = new CanvasView((canvas, size) => paintArt(canvas, size, post.art), {
    width: "match",
    height: kit.dp(190),
    className: "android.widget.ImageView",
    id: "photo",
    ...(parts.open ? { onClick: parts.open } : {}),
  });
  const padding = { left: kit.dp(14), right: kit.dp(14), top: kit.dp(4), bottom: 0 };
  return kit.column(
    {
      background: kit.theme.raised,
      radius: kit.dp(20),
      padding: { top: kit.dp(10), bottom: kit.dp(6) },
      gap: kit.dp(8),
      id: "post",
    },
    [
      author(parts),
      art,
      kit.text(post.text[phone.language], 15.5, { width: "match", padding, id: "post_text" }),
      counters(parts),
    ],
  );
}

function author({ phone, kit, post, changed }: PostCardParts): View {
  const store = phone.data.get(BAZAAR_DATA);
  const text = BAZAAR_TEXT[phone.language];
  const side = kit.dp(36);
  const face = kit.icon("person", {
    width: side,
    height: side,
    radius: side / 2,
    background: rgb(post.art.to),
    color: 0xffffffff,
    iconSize: 20,
  });
  const follow = kit.textButton(store.followed(post.author) ? text.following : text.follow, {
    id: "follow",
    padding: { left: kit.dp(10), right: kit.dp(10) },
    minHeight: kit.dp(36),
    onClick: () => {
      store.toggleFollow(post.author);
      changed();
    },
  });
  return kit.row({ padding: { left: kit.dp(14), right: kit.dp(6) }, gap: kit.dp(10) }, [
    face,
    kit.text(post.author, 15.5, { bold: true, weight: 1, width: 0, maxLines: 1, id: "author" }),
    follow,
  ]);
}

function counters({ phone, kit, post, changed, open }: PostCardParts): View {
  const store = phone.data.get(BAZAAR_DATA);
  const liked = store.liked(post.id);
  const like = kit.iconButton(liked ? "heart-filled" : "heart", {
    id: "like",
    description: liked ? "Unlike" : "Like",
    selected: liked,
    color: liked ? kit.theme.error : kit.theme.text,
    onClick: () => {
      store.toggleLike(post.id);
      changed();
    },
  });
  const comment = kit.iconButton("chat", { id: "comment_button", description: "Comments", onClick: () => open?.() });
  return kit.row({ padding: { left: kit.dp(4) } }, [
    like,
    kit.text(String(post.likes + (liked ? 1 : 0)), 15, { bold: true, id: "likes" }),
    comment,
    kit.text(String(post.comments + store.comments(post.id).length), 15, { bold: true, id: "comments" }),
    kit.space({ weight: 1, width: 0, height: 1 }),
    kit.icon("share", { iconSize: 20, color: kit.theme.secondary, margin: { right: kit.dp(16) } }),
  ]);
}
