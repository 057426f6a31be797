import type { Action } from "$app/actions.svelte";
import { router } from "$app/router.svelte";

const places: Record<string, { screen: string; noun: string }> = {
  dlv: { screen: "deliveries", noun: "delivery" },
  ep: { screen: "endpoints", noun: "endpoint" },
  req: { screen: "inbox", noun: "captured request" },
};

const idForm = /^([a-z]+)_[0-9a-z]+$/i;

export function isId(query: string): boolean {
  return idForm.test(query.trim());
}

/** What a query leads to besides the actions: the thing with that id, or a search in the long lists. */
export function lookUp(query: string): Action[] {
  const text = query.trim();
  if (!text) return [];
  const place = idForm.exec(text);
  const known = place?.[1] ? places[place[1].toLowerCase()] : undefined;
  if (known) {
    return [
      {
        id: "look-up.id",
        group: "Open",
        title: `The ${known.noun} ${text}`,
        run: () => router.go(known.screen, text),
      },
    ];
  }
  if (text.length < 3) return [];
  return [
    {
      id: "look-up.deliveries",
      group: "Search",
      title: `Deliveries with “${text}”`,
      run: () => router.go("deliveries", null, { q: text }),
    },
    {
      id: "look-up.requests",
      group: "Search",
      title: `Captured requests with “${text}”`,
      run: () => router.go("inbox", null, { q: text }),
    },
  ];
}
