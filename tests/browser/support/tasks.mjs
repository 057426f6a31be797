/** How long the page's thread is busy in one piece. */

/**
 * Watches what the thread of this page does, until the page is closed or this is called for it again. What is answered
 * tells its longest task since it was last asked, in milliseconds of that thread's own processor time, and how many there
 * were: what other programs of the machine take away does not count.
 */
export async function watchTasks(page) {
  await watched.get(page)?.();
  const session = await page.context().newCDPSession(page);
  const begin = () =>
    session.send("Tracing.start", {
      transferMode: "ReportEvents",
      traceConfig: { includedCategories: ["disabled-by-default-devtools.timeline", "__metadata"] },
    });
  let events = [];
  session.on("Tracing.dataCollected", ({ value }) => events.push(...value));
  const end = async () => {
    const complete = new Promise((done) => session.once("Tracing.tracingComplete", done));
    await session.send("Tracing.end");
    await complete;
  };
  watched.set(page, async () => {
    await end();
    await session.detach();
  });

  await begin();
  return async () => {
    await end();
    const tasks = tasksOf(events);
    events = [];
    await begin();
    return { longest: Math.max(0, ...tasks), count: tasks.length };
  };
}

/** How the watch of a page is ended: the browser keeps one at a time. */
const watched = new WeakMap();

/** How long the tasks of pages' threads took. */
function tasksOf(events) {
  const threadOf = ({ pid, tid }) => `${pid}/${tid}`;
  const threads = new Set(
    events.filter(({ name, args }) => name === "thread_name" && args.name === "CrRendererMain").map(threadOf),
  );
  return events
    .filter((event) => event.name === "RunTask" && event.tdur && threads.has(threadOf(event)))
    .map(({ tdur }) => tdur / 1_000);
}
