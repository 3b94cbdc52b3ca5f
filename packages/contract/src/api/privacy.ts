/** The API's privacy: what is kept of somebody, all of it in their hands, and its erasure. */
import { z } from "zod";
import { Erasure, Kept, PersonalData, PrivacyDays } from "../privacy.js";
import { ruled } from "./route.js";

export const privacy = {
  kept: ruled("signed-in", "read")
    .route({ method: "GET", path: "/privacy", summary: "What the lab keeps of you, and for how long" })
    .output(z.object({ days: PrivacyDays, items: z.array(Kept) })),
  export: ruled("signed-in", "manage")
    .route({ method: "GET", path: "/privacy/export", summary: "All that the lab keeps of you; a person only" })
    .output(PersonalData),
  erase: ruled("signed-in", "manage")
    .route({
      method: "POST",
      path: "/privacy/erasure",
      summary: "Erase your account and your name everywhere; your leases end. It cannot be undone",
    })
    .input(z.object({ email: z.string().describe("Your own e-mail address, as a word that you mean it") }))
    .output(Erasure),
  exportMember: ruled("owner", "manage")
    .route({
      method: "GET",
      path: "/members/{id}/privacy",
      summary:
        "The same of a member who belongs to your organisation alone, without their log-ins and ways in; a person only, and they see that it was done",
    })
    .input(z.object({ id: z.string().max(100) }))
    .output(PersonalData),
  eraseMember: ruled("owner", "manage")
    .route({
      method: "POST",
      path: "/members/{id}/erasure",
      summary: "The same for a member who belongs to your organisation alone; a person only",
    })
    .input(z.object({ id: z.string().max(100) }))
    .output(Erasure),
  setDays: ruled("lab-owner", "manage")
    .route({ method: "PUT", path: "/privacy/days", summary: "After how many days the lab deletes what is over" })
    .input(PrivacyDays)
    .output(PrivacyDays),
};
