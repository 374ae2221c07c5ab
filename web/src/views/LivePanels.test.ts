import { expect, it } from "vitest";
import { pathOf } from "./LivePanels";

it.each([
  ["http://lab/live?tab=1#top", "/live"],
  ["http://lab:8080", "/"],
  ["http://lab?x=/y", "/"],
  ["//lab/a", "/a"],
  ["/bench?x#y", "/bench"],
  ["/a//b", "/a//b"],
  ["a/b//c/d", "a/b//c/d"],
  ["?x", "/"],
  ["", "/"],
])("of %j is the page %j, as the server has it", (address, path) => expect(pathOf(address)).toBe(path));
