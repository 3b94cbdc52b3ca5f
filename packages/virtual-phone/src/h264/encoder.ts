// An H.264 encoder for screens, written from ITU-T H.264: constrained baseline, CAVLC, one slice a picture, Intra 16x16, P_Skip and 16x16
// inter macroblocks with whole-sample vectors, the loop filter off. The caller says which macroblocks may have changed and what scrolled;
// the rest costs next to nothing. Leaves out what screens do not need: sub-sample motion, small partitions, several references, rate loops.
import { BitWriter, nalUnit } from "./bit-writer.js";
import { isInside, type Motion, motionCost, predictInter } from "./inter-prediction.js";
import { CHROMA_MODE, IntraPredictor, type MacroblockPlace } from "./intra-prediction.js";
import { MacroblockResidual } from "./macroblock-residual.js";
import { MotionField } from "./motion-field.js";
import { INITIAL_QP, parameterSets, type StreamShape } from "./parameter-sets.js";
import { copyPicture, createPicture, type Picture } from "./picture.js";
import { TotalField } from "./total-field.js";
import { INTER_PATTERN_CODE } from "./vlc-tables.js";

/** What was in the box (luma samples of the picture) moved by (x, y). */
export interface MotionHint {
  readonly box: { readonly x0: number; readonly y0: number; readonly x1: number; readonly y1: number };
  readonly x: number;
  readonly y: number;
}

export interface PictureRequest {
  /** Code the whole picture without reference to others (IDR). The first picture always is one. */
  readonly key: boolean;
  /** One byte per macroblock, row by row: 1 where the source may differ from the picture before. Not looked at for key pictures. */
  readonly changed: Uint8Array;
  readonly hints?: readonly MotionHint[];
  /** Quantiser, 12 (fine) to 51. */
  readonly qp: number;
}

/** Vertical vectors of every level may reach this far (Table A-1: -128 to 127.75 at the lowest). */
const LONGEST_VECTOR = 120;
/** An inter prediction whose mean squared error is below this (46 dB) is good enough to send nothing. */
const GOOD_ENOUGH = 1.6;

// Working memory of the macroblock being coded, for all encoders together.
const out = new BitWriter();
const residual = new MacroblockResidual(out);
const lumaPredictor = new IntraPredictor(16);
const uPredictor = new IntraPredictor(8);
const vPredictor = new IntraPredictor(8);

export class H264Encoder {
  /** What the next picture shall show; the caller writes it. */
  readonly source: Picture;
  private readonly decoded: Picture;
  private reference: Picture | undefined;
  private readonly motion: MotionField;
  private readonly totals: TotalField;
  private frameNumber = 0;
  private keyNumber = 0;
  private started = false;
  private skipped = 0;
  private qp = INITIAL_QP;

  constructor(private readonly shape: StreamShape) {
    this.source = createPicture(shape.width, shape.height);
    this.decoded = createPicture(shape.width, shape.height);
    this.motion = new MotionField(this.source.mbWidth, this.source.mbHeight);
    this.totals = new TotalField(this.source.mbWidth, this.source.mbHeight);
  }

  /** SPS and PPS; they must reach the decoder before the first picture. */
  parameterSets(): Uint8Array {
    return parameterSets(this.shape);
  }

  /** What a decoder shows after the last picture. */
  get reconstruction(): Picture {
    return this.decoded;
  }

  /** Code the source as the next picture: one NAL unit in Annex B form. */
  encode(request: PictureRequest): Uint8Array {
    const key = request.key || !this.started;
    this.started = true;
    this.qp = Math.min(51, Math.max(12, Math.round(request.qp)));
    if (key) this.frameNumber = 0;
    out.clear();
    this.writeSliceHeader(key);
    if (key) this.codeKeyPicture();
    else this.codeDeltaPicture(request);
    out.trailing();
    this.frameNumber = (this.frameNumber + 1) & 15;
    if (key) this.keyNumber = (this.keyNumber + 1) & 15;
    return nalUnit(key ? 5 : 1, key ? 3 : 2, out.rbsp());
  }

  private writeSliceHeader(key: boolean): void {
    out.ue(0); // first_mb_in_slice
    out.ue(key ? 7 : 5); // slice_type: I or P, all of the picture
    out.ue(0); // pic_parameter_set_id
    out.put(this.frameNumber, 4);
    if (key) out.ue(this.keyNumber); // idr_pic_id
    if (!key) out.put(0, 2); // num_ref_idx_active_override_flag, ref_pic_list_modification_flag_l0
    out.put(0, key ? 2 : 1); // dec_ref_pic_marking: nothing special
    out.se(this.qp - INITIAL_QP);
    out.ue(1); // disable_deblocking_filter_idc: off
  }

  private codeKeyPicture(): void {
    const place = { x: 0, y: 0 };
    for (place.y = 0; place.y < this.source.mbHeight; place.y++) {
      for (place.x = 0; place.x < this.source.mbWidth; place.x++) {
        const mode = this.chooseIntra(place);
        this.codeIntra(place, { mode, base: 0 });
      }
    }
  }

  private codeDeltaPicture(request: PictureRequest): void {
    const hints = request.hints ?? [];
    // Vectors must read the picture before, not what this one has already overwritten.
    const moving = hints.length > 0;
    if (moving) {
      this.reference ??= createPicture(this.shape.width, this.shape.height);
      copyPicture(this.decoded, this.reference);
    }
    const reference = moving && this.reference !== undefined ? this.reference : this.decoded;
    this.skipped = 0;
    const place = { x: 0, y: 0 };
    let at = 0;
    for (place.y = 0; place.y < this.source.mbHeight; place.y++) {
      for (place.x = 0; place.x < this.source.mbWidth; place.x++, at++) {
        if (request.changed[at] === 0) this.keep(place, reference);
        else this.codeChanged(place, { reference, hints });
      }
    }
    if (this.skipped > 0) out.ue(this.skipped);
  }

  /** A macroblock that stays as it was. */
  private keep(place: MacroblockPlace, reference: Picture): void {
    residual.clear();
    this.codeInter(place, { motion: { mbX: place.x, mbY: place.y, x: 0, y: 0 }, reference });
  }

  private codeChanged(place: MacroblockPlace, past: { reference: Picture; hints: readonly MotionHint[] }): void {
    const { reference } = past;
    const motion = this.bestMotion(place, past);
    const interCost = motionCost(this.source, reference, { motion, limit: Number.POSITIVE_INFINITY });
    // Intra needs more header bits and breaks skip runs: it has to be clearly better.
    if (interCost > 512) {
      const mode = this.chooseIntra(place);
      if (lumaPredictor.cost + 64 < interCost) {
        out.ue(this.skipped);
        this.skipped = 0;
        this.codeIntra(place, { mode, base: 5 });
        return;
      }
    }
    predictInter(reference, motion, residual.prediction);
    const limit = GOOD_ENOUGH * 384;
    if (residual.distortion(this.source, place, limit) <= limit) residual.clear();
    else {
      residual.use(this.qp, false);
      residual.transformInterLuma(this.source, place);
      residual.transformChroma(this.source, place);
    }
    this.codeInter(place, { motion, reference });
  }

  /** Standing still, as the neighbours go, or as a hint says: whichever differs least. */
  private bestMotion(place: MacroblockPlace, past: { reference: Picture; hints: readonly MotionHint[] }): Motion {
    let best: Motion = { mbX: place.x, mbY: place.y, x: 0, y: 0 };
    if (past.hints.length === 0) return best;
    let cost = motionCost(this.source, past.reference, { motion: best, limit: Number.POSITIVE_INFINITY });
    const consider = (x: number, y: number): void => {
      if (cost < 256 || (x === best.x && y === best.y) || Math.abs(x) > LONGEST_VECTOR || Math.abs(y) > LONGEST_VECTOR) return;
      const motion = { mbX: place.x, mbY: place.y, x, y };
      if (!isInside(past.reference, motion)) return;
      const found = motionCost(this.source, past.reference, { motion, limit: cost });
      if (found >= cost) return;
      cost = found;
      best = motion;
    };
    this.motion.predict(place.x, place.y);
    consider(this.motion.x, this.motion.y);
    for (const hint of past.hints) {
      const { box } = hint;
      if (place.x * 16 + 16 <= box.x0 || place.x * 16 >= box.x1 || place.y * 16 + 16 <= box.y0 || place.y * 16 >= box.y1)
        continue;
      consider(-hint.x, -hint.y);
    }
    return best;
  }

  /** Write a P macroblock whose prediction and residual are ready (for an empty residual the prediction is made here). */
  private codeInter(place: MacroblockPlace, move: { motion: Motion; reference: Picture }): void {
    const { motion } = move;
    const field = this.motion;
    const pattern = residual.pattern;
    if (pattern === 0) {
      this.totals.clearMacroblock(place.x, place.y);
      // Standing still without a difference leaves the decoded picture as it is.
      if (motion.x !== 0 || motion.y !== 0) {
        predictInter(move.reference, motion, residual.prediction);
        residual.reconstruct(this.decoded, place);
      }
      field.predictSkip(place.x, place.y);
      if (field.x === motion.x && field.y === motion.y) {
        this.skipped++;
        field.setInter(place.x, place.y, motion);
        return;
      }
    }
    out.ue(this.skipped);
    this.skipped = 0;
    out.ue(0); // mb_type P_L0_16x16
    field.predict(place.x, place.y);
    out.se((motion.x - field.x) * 4);
    out.se((motion.y - field.y) * 4);
    field.setInter(place.x, place.y, motion);
    out.ue(INTER_PATTERN_CODE[pattern] as number);
    if (pattern === 0) return;
    out.se(0); // mb_qp_delta
    residual.write(this.totals, place, false);
    residual.reconstruct(this.decoded, place);
  }

  private chooseIntra(place: MacroblockPlace): number {
    const stride = this.source.mbWidth * 16;
    lumaPredictor.load(this.decoded.y, place, stride);
    return lumaPredictor.choose(this.source.y, place.y * 16 * stride + place.x * 16, stride);
  }

  /** Write an Intra 16x16 macroblock with the luma mode last chosen; `base` is 5 in P slices, 0 in I slices. */
  private codeIntra(place: MacroblockPlace, type: { mode: number; base: 0 | 5 }): void {
    const stride = this.source.mbWidth * 8;
    const at = place.y * 8 * stride + place.x * 8;
    uPredictor.load(this.decoded.u, place, stride);
    vPredictor.load(this.decoded.v, place, stride);
    // One mode serves both planes; the plane with more going on decides.
    const uMode = uPredictor.choose(this.source.u, at, stride);
    const vMode = vPredictor.choose(this.source.v, at, stride);
    const chromaMode = uPredictor.cost >= vPredictor.cost ? uMode : vMode;
    lumaPredictor.predict(type.mode, residual.prediction, 0);
    uPredictor.predict(chromaMode, residual.prediction, 256);
    vPredictor.predict(chromaMode, residual.prediction, 320);
    residual.use(this.qp, true);
    residual.transformIntraLuma(this.source, place);
    residual.transformChroma(this.source, place);
    const { pattern } = residual;
    out.ue(type.base + 1 + type.mode + 4 * (pattern >> 4) + (pattern & 15 ? 12 : 0));
    out.ue(CHROMA_MODE[chromaMode] as number);
    out.se(0); // mb_qp_delta
    residual.write(this.totals, place, true);
    residual.reconstruct(this.decoded, place);
    this.motion.setIntra(place.x, place.y);
  }
}
