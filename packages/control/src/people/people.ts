/** Builds what there is to people of one control. */
import type { Access } from "../access/access.js";
import type { Db } from "../database/database.js";
import type { RecordEvent } from "../events/events.js";
import { Account } from "./account.js";
import { Keys } from "./keys.js";
import { Members, type MembersParts } from "./members.js";
import type { People } from "./routes.js";
import { SignOns } from "./sign-on.js";
import { SignOnStore } from "./sign-on-store.js";
import { PeopleStore } from "./store.js";
import { Tenants, type TenantsParts } from "./tenants.js";

export interface PeopleOf {
  /** May still be opening. */
  readonly db: Promise<Db>;
  readonly access: Access;
  readonly record: RecordEvent;
  readonly onRemoved: MembersParts["onRemoved"];
  readonly use: TenantsParts["use"];
}

export function peopleOf({ db, access, record, onRemoved, use }: PeopleOf): People {
  const store = new PeopleStore(db);
  const members = new Members({ store, access, record, onRemoved });
  return {
    access,
    account: new Account({ store, access }),
    members,
    tenants: new Tenants({ store, access, members, record, use }),
    keys: new Keys({ store, access, record, onRemoved }),
    signOns: new SignOns({ store: new SignOnStore(db), record }),
  };
}
