import { expect, test } from "vitest";
import { fieldsOf, readFacts } from "./facts.js";
import { sampleTenancy } from "./sample-tenancy.js";

const empty = fieldsOf(sampleTenancy());

test("empty fields take away what stood there", () => {
  expect(readFacts(empty)).toEqual({
    facts: { verified: null, domain: null, responsible: null, extract: null, use: null },
    wrong: {},
  });
});

test("what stands there comes back as it was", () => {
  const facts = {
    verified: "contract 17",
    domain: "acme.example",
    responsible: { name: "Bo Ek", email: "bo@acme.example" },
    extract: { reference: "drawer 4", sha256: "a".repeat(64) },
    use: "tests of our own game on many phones",
  };
  expect(readFacts(fieldsOf(sampleTenancy(facts))).facts).toEqual(facts);
});

test("each field is told what is wrong with it, and one of a pair that the other is missing", () => {
  const { facts, wrong } = readFacts({
    verified: "x",
    domain: "acme",
    name: "Bo Ek",
    email: "",
    reference: "drawer 4",
    sha256: "ABC",
    use: "tests",
  });
  expect(facts).toBeUndefined();
  expect(wrong).toEqual({ verified: "words", domain: "domain", email: "both", sha256: "digest", use: "use" });
});
