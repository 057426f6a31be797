import { endpoints } from "$api/endpoints";
import type { Endpoint } from "$api/types";
import { WholeList } from "$app/whole-list.svelte";

/** Every endpoint of the workspace: the list filters them as one types, and Compose needs all to choose from. */
export class Endpoints extends WholeList<Endpoint> {
  constructor() {
    super("endpoint", (query, options) => endpoints.list(query, options));
  }
}
