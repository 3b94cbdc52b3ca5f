/** The list of notes. */
import type { Kit } from "../../views/kit.js";
import type { View } from "../../views/view.js";
import { AppActivity } from "../activity.js";
import { appBar } from "../app-bar.js";
import { NOTES } from "../manifests.js";
import { NOTES_DATA, NOTES_TEXT, type Note } from "./store.js";

export class NotesActivity extends AppActivity {
  #shown: readonly Note[] = [];

  override build(kit: Kit): View {
    const text = NOTES_TEXT[this.language];
    this.#shown = this.phone.data.get(NOTES_DATA).notes;
    const list = this.#shown.length
      ? kit.scroll({ id: "list", className: "androidx.recyclerview.widget.RecyclerView" }, this.#list(kit))
      : kit.text(text.empty, 16, {
          color: kit.theme.secondary,
          width: "match",
          height: "match",
          align: "center",
          padding: kit.dp(40),
          id: "empty",
        });
    const add = kit.iconButton("plus", {
      id: "add",
      description: text.newNote,
      background: kit.theme.accent,
      color: kit.theme.onAccent,
      radius: kit.dp(18),
      padding: kit.dp(17),
      margin: kit.dp(22),
      gravity: "end",
      verticalGravity: "bottom",
      floating: true,
      onClick: () => this.#edit({}),
    });
    const body = kit.frame({ width: "match", weight: 1, height: 0 }, [list, add]);
    return kit.column({ height: "match" }, [appBar(kit, { title: text.title }), body]);
  }

  override onResume(): void {
    if (this.phone.data.get(NOTES_DATA).notes !== this.#shown) this.context.rebuild();
  }

  #list(kit: Kit): View {
    const padding = { left: kit.dp(16), right: kit.dp(16), top: kit.dp(4), bottom: kit.dp(96) };
    return kit.column(
      { gap: kit.dp(10), padding },
      this.#shown.map((note) => this.#card(kit, note)),
    );
  }

  #card(kit: Kit, note: Note): View {
    const title = note.title || NOTES_TEXT[this.language].untitled;
    const options = { background: kit.theme.raised, radius: kit.dp(18), padding: kit.dp(18), gap: kit.dp(5), id: "note" };
    return kit.column({ ...options, onClick: () => this.#edit({ note: note.id }) }, [
      kit.text(title, 17.5, { bold: true, maxLines: 1, id: "note_title" }),
      ...(note.body ? [kit.text(note.body, 15, { color: kit.theme.secondary, maxLines: 3, id: "note_body" })] : []),
    ]);
  }

  #edit(extras: Record<string, number>): void {
    this.open({ component: `${NOTES}/${NOTES}.EditActivity`, extras });
  }
}
