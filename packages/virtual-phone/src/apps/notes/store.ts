/** The notes of one phone. */

import type { Language } from "../../models/model.js";
import { DataKey } from "../../phone/app-data.js";
import { NOTES } from "../manifests.js";

export interface Note {
  readonly id: number;
  readonly title: string;
  readonly body: string;
  /** Milliseconds since the Unix epoch. */
  readonly changed: number;
}

/** Most notes kept, so that a runaway test cannot fill the phone. */
const MAX_NOTES = 200;

class NoteStore {
  #notes: readonly Note[] = [];
  #nextId = 1;

  /** Newest first. */
  get notes(): readonly Note[] {
    return this.#notes;
  }

  get(id: number): Note | undefined {
    return this.#notes.find((note) => note.id === id);
  }

  /** @param id undefined makes a new note. @returns its id. */
  save(note: Omit<Note, "id">, id?: number): number {
    const own = id ?? this.#nextId++;
    this.#notes = [{ ...note, id: own }, ...this.#notes.filter((other) => other.id !== own)].slice(0, MAX_NOTES);
    return own;
  }

  delete(id: number): void {
    this.#notes = this.#notes.filter((note) => note.id !== id);
  }
}

export const NOTES_DATA = new DataKey(NOTES, () => new NoteStore());

export const NOTES_TEXT: Readonly<
  Record<
    Language,
    Record<
      | "title"
      | "empty"
      | "newNote"
      | "editNote"
      | "titleHint"
      | "bodyHint"
      | "save"
      | "saved"
      | "remind"
      | "reminder"
      | "untitled"
      | "delete",
      string
    >
  >
> = {
  en: {
    title: "Notes",
    empty: "No notes yet. Press + to write one.",
    newNote: "New note",
    editNote: "Edit note",
    titleHint: "Title",
    bodyHint: "Write something",
    save: "Save",
    saved: "Note saved",
    remind: "Remind me",
    reminder: "Reminder",
    untitled: "Untitled",
    delete: "Delete",
  },
  zh: {
    title: "便签",
    empty: "还没有便签,点按 + 新建一条。",
    newNote: "新建便签",
    editNote: "编辑便签",
    titleHint: "标题",
    bodyHint: "写点什么",
    save: "保存",
    saved: "便签已保存",
    remind: "提醒我",
    reminder: "提醒",
    untitled: "无标题",
    delete: "删除",
  },
  fr: {
    title: "Notes",
    empty: "Aucune note. Appuyez sur + pour en écrire une.",
    newNote: "Nouvelle note",
    editNote: "Modifier la note",
    titleHint: "Titre",
    bodyHint: "Écrivez quelque chose",
    save: "Enregistrer",
    saved: "Note enregistrée",
    remind: "Me le rappeler",
    reminder: "Rappel",
    untitled: "Sans titre",
    delete: "Supprimer",
  },
  de: {
    title: "Notizen",
    empty: "Noch keine Notizen. Tippen Sie auf +, um eine zu schreiben.",
    newNote: "Neue Notiz",
    editNote: "Notiz bearbeiten",
    titleHint: "Titel",
    bodyHint: "Schreiben Sie etwas",
    save: "Speichern",
    saved: "Notiz gespeichert",
    remind: "Erinnern",
    reminder: "Erinnerung",
    untitled: "Ohne Titel",
    delete: "Löschen",
  },
};
