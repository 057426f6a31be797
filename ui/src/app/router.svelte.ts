import { formatRoute, parseRoute, type Route, type RouteQuery } from "./route";

class Router {
  #route = $state.raw<Route>(parseRoute(location.hash));

  constructor() {
    const read = () => (this.#route = parseRoute(location.hash));
    addEventListener("hashchange", read);
    addEventListener("popstate", read);
  }

  get route(): Route {
    return this.#route;
  }

  /** The address of a place, for a link. */
  href(screen: string, id?: string | null, query?: RouteQuery, rest?: string[]): string {
    return formatRoute(screen, id ?? null, query, rest);
  }

  /** Goes to a place; Back returns. */
  go(screen: string, id?: string | null, query?: RouteQuery, rest?: string[]): void {
    this.#set(this.href(screen, id, query, rest), false);
  }

  /** Opens another row of the same list: the filter stays. `replace` leaves no trace for Back. */
  open(id: string | null, how: { replace?: boolean } = {}): void {
    this.#set(formatRoute(this.#route.screen, id, this.#route.query), how.replace ?? false);
  }

  /** Changes parameters of the address; null or "" takes one away. Typing a filter is no place to go back to. */
  setQuery(changes: RouteQuery, how: { replace?: boolean } = {}): void {
    const { screen, id, rest, query } = this.#route;
    this.#set(formatRoute(screen, id, { ...query, ...changes }, rest), how.replace ?? true);
  }

  #set(hash: string, replace: boolean): void {
    if (hash === formatRoute(this.#route.screen, this.#route.id, this.#route.query, this.#route.rest)) return;
    if (replace) history.replaceState(null, "", hash);
    else history.pushState(null, "", hash);
    this.#route = parseRoute(hash);
  }
}

export const router = new Router();
