import { describe, expect, it } from "vitest";
import { loginPath, safeNextPath } from "./next-path";

describe("safeNextPath", () => {
  it.each([
    ["/", "/"],
    ["/?perf", "/?perf"],
    ["/api/doc/#x", "/api/doc/#x"],
    ["/a/../b", "/b"],
  ])("keeps the path %s", (next, expected) => {
    expect(safeNextPath(next)).toBe(expected);
  });

  it.each([
    null,
    "",
    "index.html",
    "//evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/..//evil.example",
    "/.//evil.example",
    "https://evil.example/",
    "javascript:alert(1)",
    "/login",
    "/login?next=/login",
    " /x",
  ])("refuses %j", (next) => {
    expect(safeNextPath(next)).toBe("/");
  });
});

it("loginPath leads back", () => {
  const path = loginPath({ pathname: "/", search: "?perf&x=1" });
  expect(safeNextPath(new URL(path, "http://x.invalid").searchParams.get("next"))).toBe("/?perf&x=1");
});
