/** A server, and pages in a browser that is shared: what most tests begin with and must not leave behind. */

import { launch, openPage } from "./chromium.mjs";
import { startServer } from "./server.mjs";

/**
 * For a whole file: `const stage = scene({ before, after })`. Then `await stage.begin(t)` in each test answers
 * `{ server, page }` on a workspace of its own, and puts both away when the test ends.
 */
export function scene({ before, after }) {
  let browser;
  before(async () => (browser = await launch()));
  after(() => browser.close());

  return {
    async begin(t, { demo = false, ...look } = {}) {
      const server = await startServer({ demo });
      const pages = [];
      const open = async (other = {}) => {
        const page = await openPage(browser, server, { ...look, ...other });
        pages.push(page);
        return page;
      };
      // Pages first: the server waits a while for those that still listen to its feed.
      t.after(async () => {
        await Promise.all(pages.map((page) => page.context().close()));
        await server.stop();
      });
      return { server, browser, open, page: await open() };
    },
  };
}
