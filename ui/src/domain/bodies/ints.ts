/** Whole numbers one after another, as many as come. */
export class Ints {
  #held = new Int32Array(1024);
  #count = 0;

  push(value: number): void {
    if (this.#count === this.#held.length) {
      const larger = new Int32Array(this.#held.length * 2);
      larger.set(this.#held);
      this.#held = larger;
    }
    this.#held[this.#count++] = value;
  }

  get length(): number {
    return this.#count;
  }

  at(place: number): number {
    return this.#held[place] ?? 0;
  }

  /** Puts another in the place of one. */
  set(at: number, value: number): void {
    this.#held[at] = value;
  }

  /** All of them; no other may follow. */
  all(): Int32Array {
    return this.#held.subarray(0, this.#count);
  }
}
