import { onSessionLost } from "$api/client";

/** Whether the API still takes calls from this page. */
class Session {
  #lost = $state(false);

  constructor() {
    onSessionLost(() => (this.#lost = true));
  }

  get lost(): boolean {
    return this.#lost;
  }
}

export const session = new Session();
