// Build and development server of the page. `npm run dev` forwards the API to a running photophone.

import react from "@vitejs/plugin-react";
import { defaultClientConditions, defineConfig } from "vite";

const server = process.env["SERVER_URL"] ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [react()],
  // The client package beside the page is built with it, from its sources.
  resolve: { conditions: ["photophone-source", ...defaultClientConditions] },
  worker: { format: "es" },
  build: {
    target: "es2023",
    // Inlined assets would be data: URLs, which the server's content security policy refuses.
    assetsInlineLimit: 0,
    reportCompressedSize: true,
  },
  // The Host stays the browser's, as the server compares it with the page's Origin before it takes a session's cookie.
  server: { proxy: { "/api": { target: server, changeOrigin: false, ws: true } } },
});
