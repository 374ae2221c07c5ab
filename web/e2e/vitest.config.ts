// Browser tests against the real binary. PHOTOPHONE_BIN names it; CHROMIUM the browser, /usr/bin/chromium by default.

import { defaultClientConditions, defaultServerConditions } from "vite";
import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: { conditions: ["photophone-source", ...defaultClientConditions] },
  ssr: { resolve: { conditions: ["photophone-source", ...defaultServerConditions] } },
  test: {
    include: ["e2e/**/*.e2e.ts"],
    root: new URL("..", import.meta.url).pathname,
    testTimeout: 90_000,
    hookTimeout: 60_000,
    // One browser and one server at a time: two cores do not run more without disturbing each other's picture.
    fileParallelism: false,
  },
});
