import { copy } from "$shared/clipboard";
import { toasts } from "./toasts.svelte";

/** Puts text on the clipboard and says whether it is there. `what` is what it is called: "The head". */
export async function copied(what: string, text: () => string | Promise<string>, manner = ""): Promise<void> {
  try {
    await copy(text());
    toasts.done(`${what} is on the clipboard${manner}`);
  } catch (error) {
    toasts.failed(`${what} was not copied`, error);
  }
}
