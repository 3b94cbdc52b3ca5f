/** One post with its comments, and a field to add one. */
import type { Kit } from "../../views/kit.js";
import type { View } from "../../views/view.js";
import { AppActivity } from "../activity.js";
import { appBar } from "../app-bar.js";
import { BAZAAR_TEXT, POSTS, type Post } from "./content.js";
import { postCard } from "./post-card.js";
import { BAZAAR_DATA } from "./store.js";

export class PostActivity extends AppActivity {
  override build(kit: Kit): View {
    const text = BAZAAR_TEXT[this.language];
    const { phone } = this;
    const post = this.#post;
    const store = phone.data.get(BAZAAR_DATA);
    const rows = store
      .comments(post.id)
      .map(({ author, text: words }) =>
        kit.column({ background: kit.theme.raised, radius: kit.dp(14), padding: kit.dp(12), id: "comment" }, [
          kit.text(author, 13.5, { bold: true, color: kit.theme.secondary }),
          kit.text(words, 15.5, { width: "match", id: "comment_text" }),
        ]),
      );
    const field = kit.field({
      id: "comment_input",
      hint: text.comment,
      weight: 1,
      width: 0,
      maxLength: 500,
      onAction: () => send(),
    });
    const send = (): void => {
      if (!field.text.trim()) return;
      store.comment(post.id, { author: text.you, text: field.text.trim() });
      field.text = "";
      this.context.rebuild();
    };
    const padding = { left: kit.dp(14), right: kit.dp(14), bottom: kit.dp(14) };
    const list = kit.column({ padding, gap: kit.dp(10) }, [
      postCard({ phone, kit, post, changed: () => this.context.rebuild() }),
      kit.text(text.comments, 16, { bold: true, margin: { top: kit.dp(6), left: kit.dp(4) } }),
      ...rows,
    ]);
    const bar = {
      background: kit.theme.raised,
      padding: { left: kit.dp(18), right: kit.dp(6), top: kit.dp(6), bottom: kit.dp(6) },
    };
    return kit.column({ height: "match" }, [
      appBar(kit, { title: post.author, onBack: () => this.finish() }),
      kit.scroll({ weight: 1, height: 0, id: "list" }, list),
      kit.row(bar, [
        field,
        kit.iconButton("send", { id: "send", description: text.send, color: kit.theme.accent, onClick: send }),
      ]),
    ]);
  }

  protected override onNewIntent(): void {
    this.context.rebuild();
  }

  /** From the extra, or a link such as https://bazaar.example/post/3. */
  get #post(): Post {
    const link = /(\d+)$/.exec(this.intent.data ?? "");
    const id = link ? Number(link[1]) : Number(this.intent.extras?.post ?? 1);
    const first = POSTS[0];
    const found = POSTS.find((post) => post.id === id) ?? first;
    if (!found) throw new Error("Bazaar has no posts");
    return found;
  }
}
