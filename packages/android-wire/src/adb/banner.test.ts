import { describe, expect, it } from "vitest";
import { encodeDeviceBanner, parseBanner } from "./banner.js";

const text = (value: string): Uint8Array => new Uint8Array(Buffer.from(value));

describe("ADB banners", () => {
  it("writes a device's banner without a trailing NUL", () => {
    const banner = encodeDeviceBanner({ product: "oriole", model: "Pixel 6", device: "oriole" }, ["shell_v2", "cmd"]);
    expect(Buffer.from(banner).toString()).toBe(
      "device::ro.product.name=oriole;ro.product.model=Pixel 6;ro.product.device=oriole;features=shell_v2,cmd",
    );
  });

  it("keeps the characters that part a banner out of names", () => {
    const banner = parseBanner(encodeDeviceBanner({ product: "a;b", model: "c=d", device: "e\0" }, []));
    expect([...banner.properties.values()]).toEqual(["a_b", "c_d", "e_", ""]);
  });

  it("reads adb 29's banner", () => {
    const banner = parseBanner(
      text(
        "host::features=remount_shell,abb_exec,abb,apex,fixed_push_mkdir,ls_v2,stat_v2,fixed_push_symlink_timestamp,cmd,shell_v2",
      ),
    );
    expect(banner.type).toBe("host");
    expect(banner.features).toContain("shell_v2");
    expect(banner.features).toHaveLength(10);
  });

  it("reads an old host's banner, with its NUL and without features", () => {
    expect(parseBanner(text("host::\0")).features).toEqual([]);
    expect(parseBanner(text("host")).type).toBe("host");
  });

  it("keeps what stands behind a second equals sign", () => {
    expect(parseBanner(text("device:serial:a=b=c")).properties.get("a")).toBe("b=c");
  });

  it("names what is no banner", () => {
    expect(() => parseBanner(text(""))).toThrow(/banner/);
    expect(() => parseBanner(new Uint8Array([255, 254, 0]))).toThrow(/banner/);
  });
});
