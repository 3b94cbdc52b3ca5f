/** One note: a form of two fields. Nothing is kept before Save. */
import type { EditText } from "../../views/edit-text.js";
import type { Kit } from "../../views/kit.js";
import type { View } from "../../views/view.js";
import { AppActivity } from "../activity.js";
import { appBar } from "../app-bar.js";
import { NOTES } from "../manifests.js";
import { NOTES_DATA, NOTES_TEXT } from "./store.js";

const NOTIFY = "android.permission.POST_NOTIFICATIONS";

export class NoteEditActivity extends AppActivity {
  #title: EditText | undefined;
  #body: EditText | undefined;

  override build(kit: Kit): View {
    const text = NOTES_TEXT[this.language];
    const note = this.#noteId === undefined ? undefined : this.phone.data.get(NOTES_DATA).get(this.#noteId);
    const shared = this.intent.extras?.["android.intent.extra.TEXT"];
    const box = { background: kit.theme.raised, radius: kit.dp(14), padding: kit.dp(16) };
    this.#title = kit.field({
      id: "title",
      hint: text.titleHint,
      text: note?.title ?? "",
      size: 19,
      bold: true,
      maxLength: 200,
      ...box,
    });
    const body = note?.body ?? (typeof shared === "string" ? shared : "");
    this.#body = kit.field({
      id: "body",
      hint: text.bodyHint,
      text: body,
      size: 16.5,
      multiline: true,
      weight: 1,
      height: 0,
      ...box,
    });
    const save = kit.filledButton(text.save, { id: "save", onClick: () => this.#save() });
    const remind = kit.iconButton("bell", { id: "remind", description: text.remind, onClick: () => void this.#remind() });
    const remove = kit.iconButton("trash", { id: "delete", description: text.delete, onClick: () => this.#delete() });
    const bar = appBar(kit, {
      title: note ? text.editNote : text.newNote,
      onBack: () => this.finish(),
      actions: note ? [remind, remove, save] : [remind, save],
    });
    const padding = { left: kit.dp(16), right: kit.dp(16), top: kit.dp(4), bottom: kit.dp(16) };
    return kit.column({ height: "match" }, [
      bar,
      kit.column({ weight: 1, height: 0, padding, gap: kit.dp(12) }, [this.#title, this.#body]),
    ]);
  }

  get #noteId(): number | undefined {
    const link = /^notes:\/\/(?:note\/)?(\d+)/.exec(this.intent.data ?? "");
    if (link) return Number(link[1]);
    const extra = this.intent.extras?.note;
    return extra === undefined ? undefined : Number(extra);
  }

  protected override onNewIntent(): void {
    this.context.rebuild();
  }

  #save(): void {
    const values = { title: this.#title?.text.trim() ?? "", body: this.#body?.text ?? "", changed: this.phone.clock.now() };
    this.phone.data.get(NOTES_DATA).save(values, this.#noteId);
    this.context.toast(NOTES_TEXT[this.language].saved);
    this.finish();
  }

  #delete(): void {
    if (this.#noteId !== undefined) this.phone.data.get(NOTES_DATA).delete(this.#noteId);
    this.finish();
  }

  async #remind(): Promise<void> {
    const text = NOTES_TEXT[this.language];
    // Before API 33 an app may notify unasked.
    const allowed = this.phone.model.sdk < 33 || (await this.phone.permissionRequests.ask(NOTES, NOTIFY));
    if (!allowed) return;
    const title = this.#title?.text || text.untitled;
    const time = this.phone.clock.now();
    this.phone.shade.post({
      key: `${NOTES}|${this.#noteId ?? 0}`,
      package: NOTES,
      title,
      text: this.#body?.text || text.reminder,
      time,
    });
    this.context.toast(text.reminder);
  }
}
