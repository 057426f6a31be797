import type { Inbox, InboxDraft } from "$api/types";
import { accessDraft, type AccessForm } from "../reach/access";
import { networksOf, networksText } from "../reach/networks";

/** A draft with who may send to the inbox, where that changed. */
export function withReach(
  draft: InboxDraft,
  access: AccessForm,
  allow: string,
  inbox: Inbox | null,
): InboxDraft {
  const wanted = accessDraft(access, inbox?.access ?? null);
  const from = networksOf(allow);
  const isOther = networksText(from) !== networksText(inbox?.allow ?? []);
  return {
    ...draft,
    ...(wanted === undefined ? {} : { access: wanted }),
    ...(isOther ? { allow: from } : {}),
  };
}
