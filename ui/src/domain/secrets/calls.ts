import type { Reveal, SecretAddition, SecretInfo } from "$api/types";

/** How the secrets of one endpoint or inbox are read and changed. */
export interface SecretCalls {
  list: (signal: AbortSignal) => Promise<SecretInfo[]>;
  add: (secret: SecretAddition) => Promise<SecretInfo[]>;
  end: (id: string) => Promise<void>;
  /** Answers the new secret, which is not shown again. */
  rotate: (how: { overlap_ms: number; secret?: string }) => Promise<string | null>;
  /** Only an endpoint's can be seen again; that it was is noted. */
  reveal?: () => Promise<string | null>;
  reveals?: (signal: AbortSignal) => Promise<Reveal[]>;
}
