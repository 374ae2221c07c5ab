// Unit tests of the page and of the client package: pure code beside its file. The browser tests have their own
// configuration in e2e/.

import { defaultClientConditions, defaultServerConditions } from "vite";
import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: { conditions: ["photophone-source", ...defaultClientConditions] },
  ssr: { resolve: { conditions: ["photophone-source", ...defaultServerConditions] } },
  test: { include: ["{src,client/src}/**/*.test.{ts,tsx}"], environment: "node" },
});
