import { get, part, post, put, remove, type CallOptions } from "./client";
import type {
  HandlerSnippet,
  Page,
  Scheme,
  SchemeForm,
  SignDraft,
  Signed,
  SnippetInfo,
  Verified,
  VerifyDraft,
} from "./types";

const base = "/v1/schemes";

export const signatures = {
  /** The schemes known, all on one page. */
  schemes: (options?: CallOptions) => get<Page<Scheme>>(base, undefined, options),
  createScheme: (form: SchemeForm) => post<Scheme>(base, form),
  replaceScheme: (id: string, form: SchemeForm) => put<Scheme>(`${base}/${part(id)}`, form),
  removeScheme: (id: string) => remove(`${base}/${part(id)}`),
  /** The languages in which there is a handler for a scheme. */
  snippets: (id: string, options?: CallOptions) =>
    get<Pick<Page<SnippetInfo>, "data">>(`${base}/${part(id)}/snippets`, undefined, options),
  snippet: (id: string, language: string, options?: CallOptions) =>
    get<HandlerSnippet>(`${base}/${part(id)}/snippets/${part(language)}`, undefined, options),
  /** The handler for a scheme that need not be saved. */
  snippetOf: (scheme: SchemeForm, language: string, options?: CallOptions) =>
    post<HandlerSnippet>(`${base}/snippet`, { scheme, language }, options),
  sign: (draft: SignDraft, options?: CallOptions) => post<Signed>("/v1/signatures/sign", draft, options),
  verify: (draft: VerifyDraft, options?: CallOptions) =>
    post<Verified>("/v1/signatures/verify", draft, options),
};
