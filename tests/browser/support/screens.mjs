/** Every place in the interface that is worth looking at: a name, and how to get there. */

/** The screens that are there whatever the workspace holds. */
const plain = ["overview", "inbox", "deliveries", "endpoints", "compose", "providers", "settings"].map(
  (name) => ({
    name,
    address: `#/${name}`,
  }),
);

/** What else is there in any workspace. */
const further = [
  ["schemes", "#/providers?view=schemes"],
  ["scheme", "#/providers/stripe?view=schemes"],
  ["scheme-editor", "#/providers?view=schemes&new=1&from=standardwebhooks"],
  ["signature-bench", "#/providers?view=bench"],
  ["import", "#/providers?import=1"],
  ["shapes", "#/providers?view=shapes"],
  ["drifts", "#/providers/drifts?view=shapes"],
  ["new-endpoint", "#/endpoints?new=1&provider=sent"],
  ["long-plan", "#/providers/adyen"],
  ["events", "#/providers/zoom?tab=events"],
  ["settings-reach", "#/settings?at=reach"],
].map(([name, address]) => ({ name, address }));

/** The screens, and with them one of each thing the workspace holds. */
export async function places(server) {
  const [failed, delivered, request, endpoint, provider, inbox] = await Promise.all([
    first(server, "/v1/deliveries?status=failed&limit=1"),
    first(server, "/v1/deliveries?status=delivered&limit=1"),
    first(server, "/v1/requests?limit=1"),
    first(server, "/v1/webhook-endpoints?limit=1"),
    first(server, "/v1/providers?limit=1"),
    first(server, "/v1/inboxes?limit=1"),
  ]);
  const things = [
    ["delivery-failed", "deliveries", failed],
    ["delivery-delivered", "deliveries", delivered],
    ["captured-request", "inbox", request],
    ["endpoint", "endpoints", endpoint],
    ["provider", "providers", provider],
  ];
  const there = things.filter(([, , thing]) => thing);
  return [
    ...plain,
    ...further,
    ...there.map(([name, screen, thing]) => ({
      name,
      address: `#/${screen}/${thing.id}`,
    })),
    ...(inbox ? [{ name: "relay", address: `#/inbox?inbox=${inbox.id}&relay=${inbox.id}` }] : []),
  ];
}

async function first(server, path) {
  const { data } = await server.call("GET", path);
  return data[0];
}
