/** The API's agents: the hosts beside the chassis, and how one joins. */
import { z } from "zod";
import { AgentName, AgentView, JoinCode, JoinReply, JoinRequest } from "../agents.js";
import { ruled } from "./route.js";

export const agents = {
  list: ruled("lab-operator", "operate")
    .route({ method: "GET", path: "/agents", summary: "The hosts of the lab" })
    .output(z.object({ items: z.array(AgentView) })),
  code: ruled("lab-operator", "operate")
    .route({ method: "POST", path: "/agents/codes", successStatus: 201, summary: "A code with which one host joins, once" })
    .output(JoinCode),
  join: ruled("open", "read")
    .route({
      method: "POST",
      path: "/agents/join",
      summary: "Join as a host, with a code: gives what lets it speak for itself only",
    })
    .input(JoinRequest)
    .output(JoinReply),
  renew: ruled("open", "read")
    .route({ method: "POST", path: "/agents/renew", summary: "A joined host's token for a fresh bus credential" })
    .input(z.strictObject({ token: z.string().min(20).max(200) }))
    .output(JoinReply),
  remove: ruled("lab-operator", "operate")
    .route({
      method: "DELETE",
      path: "/agents/{id}",
      summary: "Take a host's rights away; its phones are forgotten when they are lost",
    })
    .input(z.object({ id: AgentName }))
    .output(z.object({ id: AgentName })),
};
