/** The fields of an organisation's facts, and what is wrong with which of them, told beside it. */
import { type Tenancy, TenancyFacts } from "@phonerack/contract/api";

export interface FactFields {
  readonly verified: string;
  readonly domain: string;
  readonly name: string;
  readonly email: string;
  readonly reference: string;
  readonly sha256: string;
  readonly use: string;
}

export type WrongFact = "words" | "domain" | "email" | "digest" | "use" | "both";

export function fieldsOf({ verified, domain, responsible, extract, use }: Tenancy): FactFields {
  return {
    verified: verified ?? "",
    domain: domain ?? "",
    name: responsible?.name ?? "",
    email: responsible?.email ?? "",
    reference: extract?.reference ?? "",
    sha256: extract?.sha256 ?? "",
    use: use ?? "",
  };
}

const WRONG = {
  verified: "words",
  domain: "domain",
  name: "words",
  email: "email",
  reference: "words",
  sha256: "digest",
  use: "use",
} as const;

/** `facts` only where nothing is wrong. What is empty is taken away. */
export function readFacts(fields: FactFields): {
  facts: TenancyFacts | undefined;
  wrong: Partial<Record<keyof FactFields, WrongFact>>;
} {
  const text = (name: keyof FactFields) => fields[name].trim();
  const pair = (a: keyof FactFields, b: keyof FactFields) =>
    text(a) === "" && text(b) === "" ? null : { [a]: text(a), [b]: text(b) };
  const given = {
    verified: text("verified") || null,
    domain: text("domain") || null,
    responsible: pair("name", "email"),
    extract: pair("reference", "sha256"),
    use: text("use") || null,
  };
  const read = TenancyFacts.safeParse(given);
  if (read.success) return { facts: read.data, wrong: {} };
  const wrong: Partial<Record<keyof FactFields, WrongFact>> = {};
  for (const { path } of read.error.issues) {
    const name = path.at(-1);
    if (isField(name)) wrong[name] = text(name) === "" ? "both" : WRONG[name];
  }
  return { facts: undefined, wrong };
}

function isField(name: unknown): name is keyof FactFields {
  return typeof name === "string" && name in WRONG;
}
