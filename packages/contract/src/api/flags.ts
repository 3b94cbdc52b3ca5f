/** The API's flags: what the watching found, appeals, and what people decide. */
import { z } from "zod";
import { Flag, FlagAppeal, FlagDecision, FlagRule, FlagState } from "../flags.js";
import { ruled } from "./route.js";

const OneFlag = z.object({ id: z.string().max(100) });

export const flags = {
  list: ruled("viewer", "read")
    .route({ method: "GET", path: "/flags", summary: "Flags of your organisation; all of the lab for those who run it" })
    .input(
      z.object({
        state: FlagState.optional(),
        rule: FlagRule.optional(),
        tenant: z.string().max(100).optional(),
        limit: z.coerce.number().int().min(1).max(500).default(100),
      }),
    )
    .output(z.object({ items: z.array(Flag), waiting: z.int().nonnegative() })),
  get: ruled("viewer", "read")
    .route({ method: "GET", path: "/flags/{id}", summary: "One flag, with its leaves and what was decided" })
    .input(OneFlag)
    .output(Flag),
  appeal: ruled("operator", "manage")
    .route({
      method: "POST",
      path: "/flags/{id}/appeal",
      summary: "Disagree with a flag of your organisation; another person decides",
    })
    .input(OneFlag.extend(FlagAppeal.shape))
    .output(Flag),
  decide: ruled("lab-operator", "operate")
    .route({ method: "POST", path: "/flags/{id}/decision", summary: "Clear or uphold a flag, with the reason; a person only" })
    .input(OneFlag.extend(FlagDecision.shape))
    .output(Flag),
};
