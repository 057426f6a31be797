/** How times are shown, and the present minute. Set by the settings, read by every time on the page. */
class Display {
  utc = $state(false);
  /** Milliseconds since 1970; moves on once a second while the page is seen. */
  now = $state(Date.now());

  constructor() {
    if (typeof document === "undefined") return;
    setInterval(() => {
      if (!document.hidden) this.now = Date.now();
    }, 1_000);
  }
}

export const display = new Display();
