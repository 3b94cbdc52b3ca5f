import { expect, test } from "vitest";
import { isFiltered, listQuery, readRegisterSearch } from "./register-search.js";

test("what is odd in the address is dropped, what is known is kept", () => {
  expect(readRegisterSearch({ q: "", class: "gone", ends: 7, open: "yes", device: "../x y", reason: 3 })).toEqual({});
  const search = { q: "TET", class: "isolated", site: "", ends: 14, open: true, reason: "expired", device: "d-dmn7qyt5" };
  expect(readRegisterSearch({ ...search, other: 1 })).toEqual(search);
});

test("virtual phones are listed alone, and nowhere else", () => {
  expect(listQuery({ class: "virtual", q: "V01" })).toEqual({ q: "V01", virtual: "only" });
  expect(listQuery({ class: "isolated", open: true, site: "" })).toEqual({
    class: "isolated",
    site: "",
    cutOff: "false",
    virtual: "false",
  });
});

test("an open record narrows nothing", () => {
  expect(isFiltered({ device: "d-dmn7qyt5" })).toBe(false);
  expect(isFiltered({ device: "d-dmn7qyt5", site: "" })).toBe(true);
});
