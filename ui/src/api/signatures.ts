import { post, type CallOptions } from "./client";
import type { SignDraft, Signed, Verified, VerifyDraft } from "./types";

export const signatures = {
  sign: (draft: SignDraft, options?: CallOptions) => post<Signed>("/v1/signatures/sign", draft, options),
  verify: (draft: VerifyDraft, options?: CallOptions) =>
    post<Verified>("/v1/signatures/verify", draft, options),
};
