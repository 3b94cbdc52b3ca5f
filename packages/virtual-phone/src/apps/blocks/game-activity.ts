/**
 * Blocks: pieces fall, full rows vanish. It plays by itself until somebody touches it, so that a wall of phones is alive, and
 * stops altogether while it is not in front. Frames are made only while somebody watches; unseen it moves row by row.
 */

import type { Language } from "../../models/model.js";
import { DataKey } from "../../phone/app-data.js";
import type { Cancel } from "../../phone/clock.js";
import { KEYCODE } from "../../phone/key-characters.js";
import type { Canvas } from "../../screen/canvas.js";
import { withAlpha } from "../../screen/geometry.js";
import type { IconName } from "../../screen/icons.js";
import type { Kit } from "../../views/kit.js";
import { CanvasView, type TextView } from "../../views/text-view.js";
import type { View } from "../../views/view.js";
import { AppActivity } from "../activity.js";
import { BLOCKS } from "../manifests.js";
import { Board, bestPlace, COLUMNS, cellsOf, ROWS } from "./board.js";
import { NIGHT, PANEL, paintBoard, paintNext } from "./paint.js";

export const BLOCKS_TEXT: Readonly<Record<Language, Record<"score" | "best" | "level" | "over" | "again" | "demo", string>>> = {
  en: { score: "Score", best: "Best", level: "Level", over: "Game over", again: "Play again", demo: "Touch to play" },
  zh: { score: "得分", best: "最高", level: "等级", over: "游戏结束", again: "再玩一次", demo: "触摸开始" },
  fr: { score: "Score", best: "Record", level: "Niveau", over: "Partie finie", again: "Rejouer", demo: "Touchez pour jouer" },
  de: { score: "Punkte", best: "Rekord", level: "Stufe", over: "Spiel vorbei", again: "Noch einmal", demo: "Zum Spielen tippen" },
};

/** Best score, and what was reached last; for tests too. */
export const BLOCKS_DATA = new DataKey(BLOCKS, () => ({ best: 0, score: 0, sound: true }));

const FRAME_MS = 33;
const DEMO_RUBBLE = 5;
const WHITE = 0xffffffff;
const FADED = withAlpha(WHITE, 0.6);

export class GameActivity extends AppActivity {
  #board = new Board(this.phone.random, DEMO_RUBBLE);
  #demo = true;
  #timer: Cancel | undefined;
  #stepAt = 0;
  #lastStep = 0;
  #flashUntil = 0;
  #cell = 20;
  #view: View | undefined;
  #labels: { score: TextView; best: TextView; level: TextView } | undefined;
  #bannerText: TextView | undefined;
  #next: View | undefined;
  #again: View | undefined;

  override get darkBars(): boolean {
    return false;
  }
  override get surface(): number {
    return NIGHT;
  }

  override build(kit: Kit): View {
    const { width, height } = this.phone.display;
    const room =
      height - this.phone.ui.system.insets.top - this.phone.ui.system.insets.bottom - kit.dp(60 + 20 + 64 + 16 + 24 + 4);
    this.#cell = Math.max(2, Math.floor(Math.min((width - kit.dp(24)) / COLUMNS, room / ROWS)));
    const size = { width: this.#cell * COLUMNS, height: this.#cell * ROWS };
    const board = new CanvasView((canvas) => this.#paint(canvas), {
      ...size,
      id: "board",
      className: "android.view.SurfaceView",
      onClick: () => this.#touched(),
    });
    board.onSwipe = (dx, dy) => this.#swiped(dx, dy);
    this.#view = board;
    const content = kit.column(
      { height: "match", padding: kit.dp(8), gap: kit.dp(8), contentGravity: "center", contentVerticalGravity: "center" },
      [this.#header(kit), this.#banner(kit), kit.frame({ ...size }, [board, this.#overlay(kit)]), this.#controls(kit)],
    );
    this.#show();
    return content;
  }

  override onResume(): void {
    const data = this.phone.data.get(BLOCKS_DATA);
    this.phone.sound.setPlaying(data.sound);
    this.#lastStep = this.phone.clock.now();
    this.#stepAt = this.#lastStep + this.#pace();
    this.#run();
  }

  override onPause(): void {
    this.#timer?.();
    this.#timer = undefined;
    this.phone.sound.setPlaying(false);
  }

  override onKey(code: number): boolean {
    const actions = new Map<number, () => void>([
      [KEYCODE.dpadLeft, () => this.#play(() => this.#board.move(-1))],
      [KEYCODE.dpadRight, () => this.#play(() => this.#board.move(1))],
      [KEYCODE.dpadUp, () => this.#play(() => this.#board.turn())],
      [KEYCODE.dpadDown, () => this.#play(() => this.#step())],
      [KEYCODE.space, () => this.#play(() => this.#drop())],
    ]);
    const action = actions.get(code);
    action?.();
    return action !== undefined;
  }

  #header(kit: Kit): View {
    const text = BLOCKS_TEXT[this.language];
    const stat = (name: string, id: string): { readonly box: View; readonly value: TextView } => {
      const value = kit.text("0", 19, { color: WHITE, bold: true, width: "match", height: kit.dp(25), maxLines: 1, id });
      const box = kit.column({ weight: 1, width: 0 }, [kit.text(name, 12.5, { color: FADED }), value]);
      return { box, value };
    };
    const [score, best, level] = [stat(text.score, "score"), stat(text.best, "best"), stat(text.level, "level")];
    const next = new CanvasView((canvas, size) => paintNext(canvas, this.#board.next, size), {
      width: kit.dp(64),
      height: kit.dp(40),
      id: "next",
    });
    this.#next = next;
    this.#labels = { score: score.value, best: best.value, level: level.value };
    const padding = { left: kit.dp(16), right: kit.dp(8), top: kit.dp(8), bottom: kit.dp(8) };
    const looks = { background: PANEL, radius: kit.dp(14), padding, height: kit.dp(60) };
    return kit.row(looks, [score.box, best.box, level.box, next, this.#soundButton(kit)]);
  }

  #soundButton(kit: Kit): View {
    const data = this.phone.data.get(BLOCKS_DATA);
    const button = kit.iconButton(data.sound ? "volume" : "mute", {
      id: "sound",
      description: "Sound",
      color: FADED,
      iconSize: 20,
      onClick: () => {
        data.sound = !data.sound;
        button.icon = data.sound ? "volume" : "mute";
        this.phone.sound.setPlaying(data.sound);
      },
    });
    return button;
  }

  #overlay(kit: Kit): View {
    const text = BLOCKS_TEXT[this.language];
    const again = kit.filledButton(text.again, {
      id: "again",
      onClick: () => this.#restart(false),
      gravity: "center",
      verticalGravity: "center",
      visible: false,
    });
    this.#again = again;
    return kit.frame({ width: "match", height: "match" }, [again]);
  }

  #banner(kit: Kit): View {
    this.#bannerText = kit.text("", 14, {
      color: FADED,
      bold: true,
      align: "center",
      width: "match",
      height: kit.dp(20),
      id: "banner",
    });
    return this.#bannerText;
  }

  #controls(kit: Kit): View {
    const button = (icon: IconName, id: string, action: () => void): View => {
      const looks = { background: PANEL, color: WHITE, radius: kit.dp(20), iconSize: 28, height: kit.dp(64) };
      return kit.icon(icon, { ...looks, id, description: id, weight: 1, width: 0, onClick: () => this.#play(action) });
    };
    return kit.row({ gap: kit.dp(8) }, [
      button("left", "move_left", () => this.#board.move(-1)),
      button("rotate", "turn", () => this.#board.turn()),
      button("down", "drop", () => this.#drop()),
      button("right", "move_right", () => this.#board.move(1)),
    ]);
  }

  #paint(canvas: Canvas): void {
    const now = this.phone.clock.now();
    const span = Math.max(1, this.#stepAt - this.#lastStep);
    const fall = this.#timer ? Math.min(1, Math.max(0, (now - this.#lastStep) / span)) : 0;
    const flash = Math.max(0, (this.#flashUntil - now) / 200);
    paintBoard(canvas, this.#board, { cell: this.#cell, fall, flash });
  }

  /** The next frame, or the next step when nobody watches. */
  #run(): void {
    this.#timer?.();
    this.#timer = undefined;
    if (this.#board.over && !this.#demo) return;
    const now = this.phone.clock.now();
    const wait = this.phone.screen.watched ? FRAME_MS : this.#stepAt - now;
    this.#timer = this.phone.clock.after(Math.max(FRAME_MS, wait), () => this.#tick());
  }

  #tick(): void {
    const now = this.phone.clock.now();
    this.#damagePiece();
    if (now >= this.#stepAt) {
      if (this.#board.over) this.#restart(true);
      else {
        if (this.#demo) this.#steer();
        this.#step();
      }
    }
    this.#damagePiece();
    if (this.#flashUntil > now - FRAME_MS * 2) this.#view?.invalidate();
    this.#run();
  }

  /** One row down; called by time and by the player. */
  #step(): void {
    const now = this.phone.clock.now();
    const cleared = this.#board.step();
    this.#lastStep = now;
    this.#stepAt = now + (this.#board.over ? 2500 : this.#pace());
    if (cleared !== null) this.#landed(cleared);
  }

  #drop(): void {
    const cleared = this.#board.drop();
    this.#lastStep = this.phone.clock.now();
    this.#stepAt = this.#lastStep + (this.#board.over ? 2500 : this.#pace());
    this.#landed(cleared);
  }

  #landed(cleared: number): void {
    if (cleared > 0) this.#flashUntil = this.phone.clock.now() + 200;
    const data = this.phone.data.get(BLOCKS_DATA);
    data.score = this.#board.score;
    if (!this.#demo) data.best = Math.max(data.best, this.#board.score);
    this.#view?.invalidate();
    this.#next?.invalidate();
    this.#show();
  }

  #show(): void {
    const labels = this.#labels;
    if (!labels) return;
    const text = BLOCKS_TEXT[this.language];
    labels.score.text = String(this.#board.score);
    labels.best.text = String(this.phone.data.get(BLOCKS_DATA).best);
    labels.level.text = String(this.#board.level);
    if (this.#bannerText) this.#bannerText.text = this.#demo ? text.demo : this.#board.over ? text.over : "";
    if (this.#again) this.#again.visible = this.#board.over && !this.#demo;
  }

  /** What a player does ends the demonstration first. */
  #play(action: () => void): void {
    if (this.#demo) return this.#touched();
    if (this.#board.over) return;
    this.#damagePiece();
    action();
    this.#damagePiece();
  }

  #touched(): void {
    if (this.#demo) this.#restart(false);
    else if (!this.#board.over) this.#play(() => this.#board.turn());
  }

  #swiped(dx: number, dy: number): boolean {
    if (Math.abs(dy) > Math.abs(dx)) this.#play(() => (dy > 0 ? this.#drop() : this.#board.turn()));
    else for (let i = 0; i < Math.round(Math.abs(dx) / this.#cell); i++) this.#play(() => this.#board.move(Math.sign(dx)));
    return true;
  }

  #restart(demo: boolean): void {
    this.#demo = demo;
    this.#board = new Board(this.phone.random, demo ? DEMO_RUBBLE : 0);
    this.#lastStep = this.phone.clock.now();
    this.#stepAt = this.#lastStep + this.#pace();
    this.#view?.invalidate();
    this.#next?.invalidate();
    this.#show();
    if (this.phone.activities.resumed?.token === this.context.token) this.#run();
  }

  /** The demonstration moves one turn or column per step. */
  #steer(): void {
    const { turn, column } = bestPlace(this.#board);
    const { piece } = this.#board;
    if (piece.turn !== turn) this.#board.turn();
    if (piece.column !== column) this.#board.move(Math.sign(column - piece.column));
    if (Math.abs(piece.column - column) > 1) this.#board.move(Math.sign(column - piece.column));
  }

  /** Milliseconds per row. */
  #pace(): number {
    return this.#demo ? 320 : Math.max(120, 620 - this.#board.level * 50);
  }

  #damagePiece(): void {
    const cells = cellsOf(this.#board.piece);
    const xs = cells.map(([x]) => x);
    const ys = cells.map(([, y]) => y);
    const left = Math.min(...xs) * this.#cell;
    const top = Math.min(...ys) * this.#cell;
    const width = (Math.max(...xs) + 1) * this.#cell - left;
    const height = (Math.max(...ys) + 2) * this.#cell - top;
    this.#view?.invalidate({ x: left, y: top, width, height });
  }
}
