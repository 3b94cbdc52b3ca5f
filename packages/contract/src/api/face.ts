/** The API's face: what the lab says of itself, and cases that platforms open. What stands below `/.well-known` is made of it. */
import { z } from "zod";
import { AbuseAnswer, AbuseCase, AbuseQuestion, CaseMessage, EgressChange, EgressPrefix, Face, FaceSettings } from "../face.js";
import { readable } from "../words.js";
import { ruled } from "./route.js";

const OneCase = z.object({ id: z.string().max(100) });
const Text = z.string().min(1).max(4_000);

export const face = {
  get: ruled("lab-operator", "read")
    .route({ method: "GET", path: "/face", summary: "Who runs the lab, and the addresses that it says are its own" })
    .output(Face),
  put: ruled("lab-owner", "operate")
    .route({ method: "PUT", path: "/face", summary: "Say who runs the lab and where people complain" })
    .input(FaceSettings)
    .output(Face),
  egress: ruled("lab-owner", "operate")
    .route({
      method: "PUT",
      path: "/face/egress",
      summary: "Announce the addresses that the lab will have; takes effect a day later",
    })
    .input(EgressChange)
    .output(z.object({ items: z.array(EgressPrefix) })),
};

export const abuse = {
  lookup: ruled("open", "read")
    .route({
      method: "POST",
      path: "/abuse/lookup",
      summary: "Ask about traffic from an address of the lab; opens a case that the lab must answer",
    })
    .input(AbuseQuestion)
    .output(AbuseAnswer),
  follow: ruled("open", "read")
    .route({ method: "POST", path: "/abuse/cases/{id}/follow", summary: "Read one's own case, with the token that came with it" })
    .input(OneCase.extend({ token: z.string().max(100), message: z.string().max(4_000).overwrite(readable).optional() }))
    .output(z.object({ state: AbuseCase.shape.state, answerBy: z.number(), messages: z.array(CaseMessage) })),
};

export const cases = {
  list: ruled("lab-operator", "read")
    .route({ method: "GET", path: "/cases", summary: "Cases that platforms opened: those that wait for an answer first" })
    .input(z.object({ state: AbuseCase.shape.state.optional(), limit: z.coerce.number().int().min(1).max(500).default(100) }))
    .output(z.object({ items: z.array(AbuseCase), waiting: z.int().nonnegative(), overdue: z.int().nonnegative() })),
  get: ruled("lab-operator", "read")
    .route({ method: "GET", path: "/cases/{id}", summary: "One case" })
    .input(OneCase)
    .output(AbuseCase),
  answer: ruled("lab-operator", "operate")
    .route({ method: "POST", path: "/cases/{id}/answer", summary: "Answer it; whoever asked reads the answer" })
    .input(OneCase.extend({ text: Text, close: z.boolean().default(false) }))
    .output(AbuseCase),
};
