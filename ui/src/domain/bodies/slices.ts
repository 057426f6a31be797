/** How long a piece of work may hold up the page, in milliseconds. */
const SLICE = 12;

/** A work that rests now and then, and what it makes. */
export type Steps<T> = Generator<void, T, void>;

/** All of a work at once. */
export function atOnce<T>(steps: Steps<T>): T {
  let step = steps.next();
  while (!step.done) step = steps.next();
  return step.value;
}

/**
 * A text that grew bit by bit, put together: the engine copies it whole when it is first read, and that, which cannot be
 * cut up, is a piece of work of its own.
 */
export function* asOne(text: string): Steps<string> {
  yield;
  void text.charCodeAt(0);
  yield;
  return text;
}

/**
 * Does a work in slices between which the page draws and reacts. What is done within the first slice is told
 * before this returns. The function returned stops it: nothing is told after that.
 */
export function inSlices<T>(steps: Steps<T>, done: (made: T) => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;
  const slice = (): void => {
    const since = performance.now();
    let step = steps.next();
    while (!step.done && performance.now() - since < SLICE) step = steps.next();
    if (stopped) return;
    if (step.done) done(step.value);
    else timer = setTimeout(slice);
  };
  slice();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}
