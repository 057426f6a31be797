/** Whether an address is one that other machines reach. */
export function isOfNetwork(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { hostname } = new URL(url);
  return !(hostname === "localhost" || hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(hostname));
}

/** Who reaches an address, and how: "the network, over TLS". */
export function addressWords(url: string): string {
  const who = isOfNetwork(url) ? "the network" : "this machine";
  return url.startsWith("https:") ? `${who}, over TLS` : who;
}
