import { inboxes } from "$api/inboxes";
import type { Inbox } from "$api/types";
import { WholeList } from "$app/whole-list.svelte";

/** Every inbox of the workspace: there are few, and a switcher needs all. */
export class Inboxes extends WholeList<Inbox> {
  constructor() {
    super("inbox", (query, options) => inboxes.list(query, options));
  }
}
