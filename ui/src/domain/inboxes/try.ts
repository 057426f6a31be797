import type { Inbox } from "$api/types";

const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

/** A command that sends a first request, with a place for the secret that the inbox asks for. */
export function tryCommand(inbox: Pick<Inbox, "url" | "access">): string {
  const { access, url } = inbox;
  const inQuery = access?.type === "token" && access.query !== null ? access.query : null;
  const target = inQuery === null ? url : quoted(`${url}?${encodeURIComponent(inQuery)}=TOKEN`);
  const shown =
    access?.type === "basic"
      ? `-u ${quoted(`${access.username}:PASSWORD`)}`
      : access?.type === "token" && access.header !== null
        ? `-H ${quoted(`${access.header}: TOKEN`)}`
        : null;
  return [
    `curl ${target}`,
    ...(shown === null ? [] : [shown]),
    "-H 'Content-Type: application/json'",
    `--data-raw '{"hello":"webhook"}'`,
  ].join(" \\\n  ");
}
