import { get, post, type CallOptions } from "./client";
import type { Page, Scheme, SignDraft, Signed, Verified, VerifyDraft } from "./types";

export const signatures = {
  /** The schemes known, all on one page. */
  schemes: (options?: CallOptions) => get<Page<Scheme>>("/v1/schemes", undefined, options),
  sign: (draft: SignDraft, options?: CallOptions) => post<Signed>("/v1/signatures/sign", draft, options),
  verify: (draft: VerifyDraft, options?: CallOptions) =>
    post<Verified>("/v1/signatures/verify", draft, options),
};
