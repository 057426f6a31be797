import { bytes, get, post, put, remove, type BytesOptions, type CallOptions } from "./client";
import type { CaptureCertificates } from "./types";

const base = "/v1/capture/certificate";

/** The certificates that the receiver may show over TLS. */
export const reach = {
  certificates: (options?: CallOptions) => get<CaptureCertificates>(base, undefined, options),
  /** Gives one of one's own; it takes the place of one that was given before. */
  give: (certificate: { certificate_pem: string; key_pem: string }) =>
    put<CaptureCertificates>(base, certificate),
  /** Forgets that one; not while it is shown. */
  forget: () => remove(base),
  /** Makes the one of Hookbench's own authority anew; with `authority` that too, which has to be trusted again. */
  renew: (authority: boolean) => post<CaptureCertificates>(`${base}/renew`, { authority }),
  /** The authority's certificate, as a file. */
  authority: (options?: BytesOptions) => bytes(`${base}/ca.pem`, options),
};
