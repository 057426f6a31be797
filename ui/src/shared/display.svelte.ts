/** How often times on the page move on, in milliseconds: while time goes as anywhere, and while it does not. */
const usual = 1_000;
const hastened = 250;

/** How times are shown, and the present. Set by the settings and the workspace's clock, read by every time shown. */
class Display {
  utc = $state(false);
  /** Milliseconds since 1970; moves on with the time while the page is seen. */
  now = $state(Date.now());
  #source: (() => number) | null = null;

  constructor() {
    if (typeof document === "undefined") return;
    let ticks = 0;
    setInterval(() => {
      ticks += 1;
      if (document.hidden || (!this.#source && ticks % (usual / hastened) !== 0)) return;
      this.tick();
    }, hastened);
  }

  /** The time at this very moment, by the clock that the page goes by. */
  present(): number {
    return this.#source?.() ?? Date.now();
  }

  /** Goes by another clock than this computer's from here on; by this computer's again with null. */
  follow(source: (() => number) | null): void {
    this.#source = source;
    this.tick();
  }

  tick(): void {
    this.now = this.present();
  }
}

export const display = new Display();
