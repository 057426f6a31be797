// Without a locale (LANG unset or C, as on a bare server) WebKitGTK calls the language "C", which Intl
// refuses to know, and with it every library that formats a number in the person's language.
try {
  Intl.getCanonicalLocales(navigator.language);
} catch {
  const known = { language: "en-GB", languages: Object.freeze(["en-GB"]) };
  for (const [name, value] of Object.entries(known)) {
    Object.defineProperty(Navigator.prototype, name, { get: () => value, configurable: true });
  }
}
