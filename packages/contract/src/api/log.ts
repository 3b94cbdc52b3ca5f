/** The API's log: its state, its witnesses, receipts for one's own leaves. Tiles and checkpoints stand below `/log`, for everybody. */
import { z } from "zod";
import { LogBulk, LogReceipt, LogStatus, LogWitness, WitnessChoice } from "../log.js";
import { ruled } from "./route.js";

export const log = {
  status: ruled("signed-in", "read")
    .route({ method: "GET", path: "/log", summary: "How large the log is, its last checkpoint, and who has seen it" })
    .output(LogStatus),
  witnesses: ruled("lab-owner", "operate")
    .route({ method: "PUT", path: "/log/witnesses", summary: "Who is asked to sign each checkpoint; replaces those there are" })
    .input(z.object({ witnesses: z.array(WitnessChoice).max(16) }))
    .output(z.object({ items: z.array(LogWitness) })),
  receipts: ruled("viewer", "read")
    .route({
      method: "GET",
      path: "/leases/{id}/receipts",
      summary: "Proofs that what was decided in a lease stands in the log",
    })
    .input(
      z.object({
        id: z.string().max(100),
        /** From this leaf on. */
        from: z.coerce.number().int().nonnegative().default(0),
        limit: z.coerce.number().int().min(1).max(200).default(50),
        denials: z.enum(["true", "false"]).default("false"),
      }),
    )
    .output(z.object({ items: z.array(LogReceipt), next: z.int().nullable() })),
  bulk: ruled("viewer", "read")
    .route({ method: "GET", path: "/log/bulks/{commitment}", summary: "What a leaf of hands commits to, while it is kept" })
    .input(z.object({ commitment: z.string().regex(/^[0-9a-f]{64}$/) }))
    .output(LogBulk),
};
