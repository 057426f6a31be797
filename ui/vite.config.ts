import { fileURLToPath } from "node:url";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

const at = (folder: string) => fileURLToPath(new URL(`./src/${folder}`, import.meta.url));

/** Where a running `hookbench serve` answers while the page is developed with `npm run dev`. */
const backend = process.env.HOOKBENCH_API ?? "http://127.0.0.1:4700";

export default defineConfig({
  plugins: [svelte()],
  resolve: {
    alias: {
      $api: at("api"),
      $shared: at("shared"),
      $app: at("app"),
      $domain: at("domain"),
      $screens: at("screens"),
    },
  },
  build: {
    target: ["es2022", "chrome111", "safari16.4"],
    // Nothing may become a data: address: the content security policy names files only.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
  },
  server: {
    port: 5173,
    strictPort: true,
    proxy: {
      "/v1": {
        target: backend,
        changeOrigin: true,
        configure: (proxy) => {
          proxy.on("proxyReq", (request) => {
            // The API takes calls from its own page only, and the token stands in for the cookie.
            request.removeHeader("origin");
            const token = process.env.HOOKBENCH_TOKEN;
            if (token) request.setHeader("authorization", `Bearer ${token}`);
          });
        },
      },
    },
  },
  test: {
    include: ["src/**/*.test.ts"],
    environment: "node",
  },
});
