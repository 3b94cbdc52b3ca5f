/** The API's tenancies: how much organisations may rent, and what that rests on. */
import { z } from "zod";
import { LabDeclaration, Tenancy, TenancyFacts, TenancyState, TierGift } from "../tenancies.js";
import { Words } from "../words.js";
import { ruled } from "./route.js";

const OneTenant = z.object({ id: z.string().max(100) });
const Reason = Words(500, 3);

export const tenancies = {
  list: ruled("lab-operator", "operate")
    .route({ method: "GET", path: "/tenancies", summary: "Whether the lab has tiers, and how much each organisation may rent" })
    .output(z.object({ declaration: LabDeclaration, items: z.array(Tenancy) })),
  declare: ruled("lab-owner", "manage")
    .route({
      method: "PUT",
      path: "/tenancies/declaration",
      summary: "Say whether the lab serves only its own organisation: then it has no tiers",
    })
    .input(z.object({ ownOnly: z.boolean() }))
    .output(LabDeclaration),
  own: ruled("viewer", "read")
    .route({ method: "GET", path: "/tenancy", summary: "How much your organisation may rent, and what is missing for more" })
    .output(Tenancy),
  facts: ruled("lab-operator", "operate")
    .route({ method: "PUT", path: "/tenants/{id}/facts", summary: "What an organisation's tier rests on" })
    .input(OneTenant.extend(TenancyFacts.shape))
    .output(Tenancy),
  give: ruled("lab-operator", "operate")
    .route({
      method: "PUT",
      path: "/tenants/{id}/tier",
      summary: "Give an organisation a tier whose requirements it meets; a person only",
    })
    .input(OneTenant.extend(TierGift.shape))
    .output(Tenancy),
  review: ruled("lab-operator", "operate")
    .route({
      method: "POST",
      path: "/tenants/{id}/review",
      summary: "A grant above 20 phones was looked at: it goes on until then, a quarter at most",
    })
    .input(OneTenant.extend({ reviewDue: z.number(), reason: Reason }))
    .output(Tenancy),
  setState: ruled("lab-operator", "operate")
    .route({
      method: "PUT",
      path: "/tenants/{id}/state",
      summary: "Pause an organisation, let it go on, or end it with its leases; a person only",
    })
    .input(OneTenant.extend({ state: TenancyState, reason: Reason }))
    .output(Tenancy),
};
