import { ERRORS, PhonerackError } from "@phonerack/contract/api";
import { expect, test } from "vitest";
import { formatTime } from "../language/format.js";
import { sentence, shownError } from "./sentence.js";

test("an error is the table's sentence, and what is known of the case with times as the reader's clock shows them", () => {
  const iso = new Date(Date.now() + 3_600_000).toISOString().replace(/\.\d+Z$/, "Z");
  const refused = new PhonerackError("lease_unavailable", `C01-02 is leased until ${iso}`);
  const time = formatTime(Date.parse(iso));
  expect(shownError(refused).message).toBe(`${ERRORS.lease_unavailable.message} C01-02 is leased until ${time}`);
});

test("an error of a newer phonerack is said in its own words, and one that never came has none", () => {
  expect(sentence({ code: "from_the_future", message: "Something new." })).toBe("Something new.");
  expect(shownError(new TypeError("fetch failed"))).toEqual({ code: undefined, message: undefined });
});

test("where the table only points to the reason, the reason is said, as a sentence", () => {
  expect(sentence(new PhonerackError("step_refused", "it is not there, scrolled for too").toJSON())).toBe(
    "It is not there, scrolled for too.",
  );
  const denied = new PhonerackError("denied", "org.example is not yours: nothing is delivered.");
  expect(sentence(denied.toJSON())).toBe("org.example is not yours: nothing is delivered.");
});
