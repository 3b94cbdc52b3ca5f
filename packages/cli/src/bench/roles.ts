/** All roles that benches have, by name. */
import type { ClientsRole } from "./clients.js";
import type { GroupAgentRole } from "./group-agent.js";
import type { HopRole } from "./hop.js";
import type { BareLeasesRole, LeaseActorsRole, LeaseLabRole } from "./lease-roles.js";
import type { AgentRole, BareRole, PhonesRole } from "./phone-roles.js";
import type { PumpRole, TunnelRole } from "./push-roles.js";
import type { RaceAgentRole } from "./race-agent.js";
import type { BareNatsRole, LabRole, NatsAgentRole, NatsControlRole, PipeRole, SourceRole } from "./relay-roles.js";
import type { WallLabRole } from "./wall-role.js";

/** Parameters, readiness and answers of each role. */
export interface Roles {
  source: SourceRole;
  pipe: PipeRole;
  lab: LabRole;
  natsAgent: NatsAgentRole;
  natsControl: NatsControlRole;
  bareNats: BareNatsRole;
  clients: ClientsRole;
  phones: PhonesRole;
  agent: AgentRole;
  bare: BareRole;
  raceAgent: RaceAgentRole;
  hop: HopRole;
  groupAgent: GroupAgentRole;
  leaseLab: LeaseLabRole;
  leaseActors: LeaseActorsRole;
  bareLeases: BareLeasesRole;
  wallLab: WallLabRole;
  tunnel: TunnelRole;
  pump: PumpRole;
}
