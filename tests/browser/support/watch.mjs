/** Whether anything that was captured has come to life in a page. */

/**
 * Watches a page from its next load on. What captured content would do if it were ever more than text is
 * gathered in `page.alarms`: a script of its ran, a dialog opened, the content security policy had to step
 * in, something was fetched from elsewhere, another page opened.
 */
export async function watch(page, server) {
  page.alarms = [];
  const alarm = (text) => page.alarms.push(text);
  await page.exposeFunction("pwned", (what) => alarm(`a script ran: ${what}`));
  await page.exposeFunction("violated", (what) => alarm(`the policy stepped in: ${what}`));
  await page.addInitScript(() => {
    addEventListener("securitypolicyviolation", (event) =>
      globalThis.violated(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`),
    );
  });
  page.on("dialog", (dialog) => {
    alarm(`a dialog opened: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("popup", (popup) => alarm(`a page opened: ${popup.url()}`));
  page.on("request", (request) => {
    const { protocol, origin } = new URL(request.url());
    if (protocol !== "blob:" && origin !== server.api) alarm(`fetched from elsewhere: ${request.url()}`);
  });
  await page.reload();
}

/** Markup that comes to life wherever it is taken for markup. */
export const markup = [
  "<script>pwned('script')</script>",
  "<img src=x onerror=\"pwned('img')\">",
  "<svg onload=\"pwned('svg')\"><script>pwned('svg script')</script></svg>",
  "<iframe srcdoc=\"<script>parent.pwned('iframe')</script>\"></iframe>",
  "<style>@import url(http://127.0.0.1:9/steal.css); body { display: none }</style>",
  "<link rel=stylesheet href=http://127.0.0.1:9/steal.css>",
  "<a href=\"javascript:pwned('link')\">here</a>",
  "{{constructor.constructor('pwned(1)')()}} ${pwned('template')} '\"></textarea></title><b>",
].join("\n");

/** Characters that hide, reorder or ring: none of them may reach the page as itself. */
export const hidden = "a\u202egnp.exe\u202c\u2066x\u2069\u200b\u0007\u001b[2J\u0000z";
export const neverShown = /[\u0000-\u0008\u000e-\u001f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069]/;

/** Runs in the page: where characters that should have been marks stand as themselves. */
export function rawCharacters(source) {
  const never = new RegExp(source);
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (node.nodeType === Node.TEXT_NODE && never.test(node.data))
      found.push(JSON.stringify(node.data.slice(0, 80)));
    else if (node.nodeType === Node.ELEMENT_NODE) {
      for (const { name, value } of node.attributes) {
        if (never.test(value)) found.push(`${name}=${JSON.stringify(value.slice(0, 80))}`);
      }
    }
  }
  return found;
}
