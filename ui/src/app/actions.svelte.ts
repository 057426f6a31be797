import { untrack } from "svelte";
import { takesText } from "$shared/takes-text";
import { ChordReader } from "./chord";

/** Something a person can do here. It is in the palette, and where it has keys, on the keys. */
export interface Action {
  /** Unique while registered; the action registered last wins. */
  id: string;
  title: string;
  /** The heading in the palette and the sheet of keys. */
  group: string;
  keys?: string;
  /** Other words that should find it. */
  words?: string;
  /** Left out of the palette: a key only. */
  hidden?: boolean;
  run: () => void;
}

class Actions {
  #sources = $state.raw<{ list: () => Action[] }[]>([]);
  readonly all = $derived.by(() => {
    const byId = new Map<string, Action>();
    for (const source of this.#sources) for (const action of source.list()) byId.set(action.id, action);
    return [...byId.values()];
  });

  add(list: () => Action[]): () => void {
    const source = { list };
    this.#sources = [...untrack(() => this.#sources), source];
    return () => (this.#sources = this.#sources.filter((one) => one !== source));
  }
}

export const actions = new Actions();

/** Registers actions for as long as the component that calls this lives. */
export function useActions(list: () => Action[]): void {
  $effect(() => untrack(() => actions.add(list)));
}

const reader = new ChordReader();

/** The one listener for keys that are not a control's own. */
export function listenForKeys(): () => void {
  const press = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.isComposing) return;
    if (takesText(event) && !event.ctrlKey && !event.metaKey) return;
    // An open dialog or menu has the keys to itself, save for those with a modifier.
    const layer = document.querySelector('[role="dialog"], [role="alertdialog"], [role="menu"]');
    if (layer && !event.ctrlKey && !event.metaKey) return;
    const byKeys = new Map(
      actions.all.flatMap((action) => (action.keys ? [[action.keys, action] as const] : [])),
    );
    const found = reader.read(event, new Set(byKeys.keys()), event.timeStamp);
    if (!found) return;
    event.preventDefault();
    if ("match" in found) byKeys.get(found.match)?.run();
  };
  addEventListener("keydown", press);
  return () => removeEventListener("keydown", press);
}
