import js from "@eslint/js";
import globals from "globals";
import svelte from "eslint-plugin-svelte";
import ts from "typescript-eslint";
import svelteConfig from "./svelte.config.js";

/*
 * The tiers. Each may use those before it in this list and none after it:
 *   api, shared → app → domain/<noun> → screens → shell
 * Across tiers one imports by alias ($api, $shared, …); inside a tier relatively. So a relative path that
 * climbs out of its tier is an error, and so is the alias of a tier further up.
 */
const aliases = ["$api", "$shared", "$app", "$domain", "$screens"];

/** @param {string} files @param {string[]} allowed @param {string} says @param {string[]} climbs */
function tier(files, allowed, says, climbs) {
  const banned = aliases.filter((alias) => !allowed.includes(alias));
  return {
    files: [`${files}/**/*.ts`, `${files}/**/*.svelte`],
    rules: {
      "no-restricted-imports": [
        "error",
        {
          patterns: [
            ...(banned.length ? [{ group: banned.map((alias) => `${alias}/**`), message: says }] : []),
            { regex: climbs.join("|"), message: "Leave a tier by its alias, not by a relative path." },
          ],
        },
      ],
    },
  };
}

export default ts.config(
  { ignores: ["dist/", "node_modules/", "src/api/schema.d.ts"] },
  js.configs.recommended,
  ...ts.configs.recommended,
  ...svelte.configs.recommended,
  {
    languageOptions: { globals: { ...globals.browser, ...globals.node } },
    rules: {
      "no-console": "error",
      eqeqeq: ["error", "always"],
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      // Captured bytes are hostile: they are shown as text and never become markup.
      "svelte/no-at-html-tags": "error",
      // A style attribute of the markup is refused by the content security policy; `style:name={…}` is not.
      "no-restricted-syntax": [
        "error",
        {
          selector: "SvelteAttribute[key.name='style']",
          message: "Use style:name={…}: the policy refuses attributes.",
        },
      ],
      // Bookkeeping that nothing draws needs no reactive twin of Map and Set.
      "svelte/prefer-svelte-reactivity": "off",
      // It takes `??=` for a write alone; the compiler finds what is really unused.
      "no-unused-private-class-members": "off",
      // The hash router has no base path to resolve.
      "svelte/no-navigation-without-resolve": "off",
      "svelte/require-each-key": "error",
    },
  },
  {
    files: ["**/*.svelte", "**/*.svelte.ts"],
    languageOptions: { parserOptions: { parser: ts.parser, extraFileExtensions: [".svelte"], svelteConfig } },
  },
  tier("src/api", ["$api"], "The transport knows nothing of the interface.", ["^\\.\\./"]),
  tier("src/shared", ["$shared"], "Shared parts know no domain word and no service.", [
    "^(\\.\\./)+(api|app|domain|screens|shell)/",
  ]),
  tier("src/app", ["$api", "$shared", "$app"], "Services know no domain and no screen.", [
    "^(\\.\\./)+(api|shared|domain|screens|shell)/",
  ]),
  tier(
    "src/domain",
    ["$api", "$shared", "$app"],
    "Domain folders do not use each other: a screen joins them.",
    [
      "^(\\.\\./)+(api|app|shared|screens|shell)/",
      // Bodies, handshakes, replies, schedule, secrets, signatures, subscriptions, relay and reach are parts of several nouns, and know none of them.
      "^\\.\\./(deliveries|endpoints|events|inboxes|providers|replays|requests|stats)/",
    ],
  ),
  tier("src/screens", ["$api", "$shared", "$app", "$domain"], "Screens do not use each other.", [
    "^(\\.\\./)+(api|app|shared|domain|shell)/",
    "^\\.\\./[a-z]+/",
  ]),
);
