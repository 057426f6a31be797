import type { Access, AccessDraft } from "$api/types";

/** Who may send to an inbox, as the fields of a form hold it. Secrets are only ever written. */
export interface AccessForm {
  type: "none" | "basic" | "token";
  username: string;
  password: string;
  /** Where a token stands. */
  where: "header" | "query";
  /** The name of that header or parameter. */
  name: string;
  token: string;
}

export type AccessErrors = Partial<Record<"username" | "password" | "name" | "token", string>>;

export function accessForm(access: Access | null): AccessForm {
  return {
    type: access?.type ?? "none",
    username: access?.type === "basic" ? access.username : "",
    password: "",
    where: access?.type === "token" && access.query !== null ? "query" : "header",
    name: access?.type === "token" ? (access.header ?? access.query ?? "") : "",
    token: "",
  };
}

/** Whether a secret of this kind is kept, so that an empty field keeps it. */
export function keepsSecret(form: AccessForm, access: Access | null): boolean {
  return access !== null && form.type === access.type;
}

/** What the API is asked for: null takes the access away, undefined leaves it as it is. */
export function accessDraft(form: AccessForm, access: Access | null): AccessDraft | null | undefined {
  const was = accessForm(access);
  const same = (Object.keys(was) as (keyof AccessForm)[]).every((field) => form[field] === was[field]);
  if (same) return undefined;
  if (form.type === "none") return null;
  if (form.type === "basic") {
    return {
      type: "basic",
      username: form.username.trim(),
      ...(form.password === "" ? {} : { password: form.password }),
    };
  }
  return {
    type: "token",
    [form.where]: form.name.trim(),
    ...(form.token === "" ? {} : { token: form.token.trim() }),
  };
}

export function checkAccess(form: AccessForm, access: Access | null): AccessErrors {
  const errors: AccessErrors = {};
  const kept = keepsSecret(form, access);
  if (form.type === "basic") {
    if (form.username.trim() === "") errors.username = "Give a user name.";
    else if (form.username.includes(":"))
      errors.username = "A user name of basic authentication holds no colon.";
    if (form.password === "" && !kept) errors.password = "Give a password.";
  }
  if (form.type === "token") {
    if (form.name.trim() === "")
      errors.name = `Name the ${form.where === "header" ? "header" : "parameter"}.`;
    if (form.token.trim() === "" && !kept) errors.token = "Give a token, or have one made.";
  }
  return errors;
}

/** A token that nobody guesses: 32 characters of 5 bits. */
export function newToken(): string {
  const letters = "abcdefghijkmnpqrstuvwxyz23456789";
  return Array.from(crypto.getRandomValues(new Uint8Array(32)), (byte) => letters[byte % 32]).join("");
}

/** Which field of the form an error of the API belongs to; `path` is what stands behind `access.`. */
export function accessField(path: string): keyof AccessErrors | null {
  const names: Record<string, keyof AccessErrors> = {
    username: "username",
    password: "password",
    header: "name",
    query: "name",
    token: "token",
  };
  return names[path] ?? null;
}

/** What stands on the bar of an inbox: "asks for a password". */
export function accessWords(access: Access | null, allow: readonly string[]): string | null {
  const asks = access && (access.type === "basic" ? "asks for a password" : "asks for a token");
  const from = allow.length > 0 ? "only from allowed addresses" : null;
  return [asks, from].filter(Boolean).join(", ") || null;
}
