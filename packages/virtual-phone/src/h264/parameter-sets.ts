// Sequence and picture parameter sets (ITU-T H.264 clauses 7.3.2.1, 7.3.2.2, annexes A and E) for a constrained baseline stream whose pictures
// are one slice each, refer to the picture before, and come out in the order they go in.
import { BitWriter, nalUnit } from "./bit-writer.js";

export interface StreamShape {
  /** Visible size in pixels, both even. */
  readonly width: number;
  readonly height: number;
  /** Most pictures per second; decides the level only. */
  readonly maxFps: number;
}

/** Quantiser that slices start from; a slice writes its difference to it. */
export const INITIAL_QP = 26;

/** Table A-1: level_idc, macroblocks per second, macroblocks per picture. */
const LEVELS = [
  [10, 1485, 99],
  [11, 3000, 396],
  [12, 6000, 396],
  [13, 11880, 396],
  [20, 11880, 396],
  [21, 19800, 792],
  [22, 20250, 1620],
  [30, 40500, 1620],
  [31, 108000, 3600],
  [32, 216000, 5120],
  [40, 245760, 8192],
  [50, 589824, 22080],
  [51, 983040, 36864],
] as const;

/** The lowest level that allows the picture size and rate. */
export function levelFor(shape: StreamShape): number {
  const macroblocks = ((shape.width + 15) >> 4) * ((shape.height + 15) >> 4);
  const fits = LEVELS.find(([, perSecond, perPicture]) => macroblocks <= perPicture && macroblocks * shape.maxFps <= perSecond);
  return fits?.[0] ?? 51;
}

/** SPS and PPS in Annex B form. */
export function parameterSets(shape: StreamShape): Uint8Array {
  const sps = sequenceParameterSet(shape);
  const pps = pictureParameterSet();
  const out = new Uint8Array(sps.length + pps.length);
  out.set(sps);
  out.set(pps, sps.length);
  return out;
}

function sequenceParameterSet(shape: StreamShape): Uint8Array {
  const out = new BitWriter();
  out.put(66, 8); // profile_idc: baseline
  out.put(0b11000000, 8); // constraint_set0 and 1: constrained baseline
  out.put(levelFor(shape), 8);
  out.ue(0); // seq_parameter_set_id
  out.ue(0); // log2_max_frame_num_minus4
  out.ue(2); // pic_order_cnt_type: output order is decoding order
  out.ue(1); // max_num_ref_frames
  out.put(0, 1); // gaps_in_frame_num_value_allowed_flag
  const mbWidth = (shape.width + 15) >> 4;
  const mbHeight = (shape.height + 15) >> 4;
  out.ue(mbWidth - 1);
  out.ue(mbHeight - 1);
  out.put(1, 1); // frame_mbs_only_flag
  out.put(1, 1); // direct_8x8_inference_flag
  const right = (mbWidth * 16 - shape.width) / 2;
  const bottom = (mbHeight * 16 - shape.height) / 2;
  const cropped = right > 0 || bottom > 0;
  out.put(cropped ? 1 : 0, 1);
  if (cropped) for (const crop of [0, right, 0, bottom]) out.ue(crop);
  out.put(1, 1); // vui_parameters_present_flag
  writeUsability(out);
  out.trailing();
  return nalUnit(7, 3, out.rbsp());
}

/** VUI: without it decoders guess the colour matrix, and may hold pictures back for reordering. */
function writeUsability(out: BitWriter): void {
  out.put(0, 1); // aspect_ratio_info_present_flag
  out.put(0, 1); // overscan_info_present_flag
  out.put(1, 1); // video_signal_type_present_flag
  out.put(5, 3); // video_format: unspecified
  out.put(0, 1); // video_full_range_flag: 16 to 235
  out.put(1, 1); // colour_description_present_flag
  out.put(1, 8); // colour_primaries: those of BT.709, which sRGB shares
  out.put(1, 8); // transfer_characteristics
  out.put(6, 8); // matrix_coefficients: BT.601, which decoders that ignore this assume too
  out.put(0, 1); // chroma_loc_info_present_flag
  out.put(0, 1); // timing_info_present_flag
  out.put(0, 2); // NAL and VCL HRD parameters
  out.put(0, 1); // pic_struct_present_flag
  out.put(1, 1); // bitstream_restriction_flag
  out.put(0, 1); // motion_vectors_over_pic_boundaries_flag
  out.ue(0); // max_bytes_per_pic_denom: no limit
  out.ue(0); // max_bits_per_mb_denom: no limit
  out.ue(12); // log2_max_mv_length_horizontal, quarter samples
  out.ue(9); // log2_max_mv_length_vertical
  out.ue(0); // max_num_reorder_frames
  out.ue(1); // max_dec_frame_buffering
}

function pictureParameterSet(): Uint8Array {
  const out = new BitWriter();
  out.ue(0); // pic_parameter_set_id
  out.ue(0); // seq_parameter_set_id
  out.put(0, 1); // entropy_coding_mode_flag: CAVLC
  out.put(0, 1); // bottom_field_pic_order_in_frame_present_flag
  out.ue(0); // num_slice_groups_minus1
  out.ue(0); // num_ref_idx_l0_default_active_minus1
  out.ue(0); // num_ref_idx_l1_default_active_minus1
  out.put(0, 3); // weighted_pred_flag, weighted_bipred_idc
  out.se(INITIAL_QP - 26);
  out.se(0); // pic_init_qs_minus26
  out.se(0); // chroma_qp_index_offset
  out.put(1, 1); // deblocking_filter_control_present_flag
  out.put(0, 1); // constrained_intra_pred_flag
  out.put(0, 1); // redundant_pic_cnt_present_flag
  out.trailing();
  return nalUnit(8, 3, out.rbsp());
}
