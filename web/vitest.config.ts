// Unit tests: pure code beside its file. The browser tests have their own configuration in e2e/.

import { defineConfig } from "vitest/config";

export default defineConfig({
  test: { include: ["src/**/*.test.{ts,tsx}"], environment: "node" },
});
