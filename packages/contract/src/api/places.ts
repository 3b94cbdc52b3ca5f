/** The API's places: the lab as it stands in the room, as one document. */
import { z } from "zod";
import { ChassisFault, Lab, LabChanges } from "../places.js";
import { ruled } from "./route.js";

export const lab = {
  get: ruled("viewer", "read")
    .route({ method: "GET", path: "/lab", summary: "Sites, racks, chassis and slots, with the devices that you may see" })
    .output(Lab),
  put: ruled("lab-operator", "operate")
    .route({ method: "PUT", path: "/lab", summary: "Make the lab be like this document; `dryRun` only says what would change" })
    .input(z.object({ lab: Lab, dryRun: z.boolean().default(false) }))
    .output(LabChanges),
  faults: ruled("lab-operator", "read")
    .route({ method: "GET", path: "/lab/faults", summary: "Chassis of which many phones went wrong together" })
    .output(z.object({ items: z.array(ChassisFault) })),
};
