import { untrack } from "svelte";
import { newIdempotencyKey, stringify } from "$api/client";
import { events } from "$api/events";
import { isAbort, Problem } from "$api/problem";
import type { Endpoint, EventAccepted, Provider, ProviderEvent } from "$api/types";
import { router } from "$app/router.svelte";
import { Endpoints } from "$domain/endpoints/endpoints.svelte";
import { subscribes } from "$domain/subscriptions/patterns";
import { catalogue } from "$domain/providers/catalogue.svelte";
import { display } from "$shared/display.svelte";
import { recall, remember } from "$shared/memory";
import { plural } from "$shared/size";
import {
  asMode,
  compose,
  type Composed,
  eventOf,
  type Fault,
  formatted,
  jsonFault,
  type Mode,
  type Spelling,
  startOf,
} from "./draft";
import { readSource, type Source, sourceIdOf } from "./source";

export interface Choice {
  provider?: string;
  type?: string | null;
  mode?: Mode;
  envelope?: string;
  endpoints?: string[] | null;
}

/** What was typed lasts as long as the page: one may leave the screen and come back. */
const typed = new Map<string, string>();
/** More bodies than these are not kept. */
const mostTyped = 50;

/** Where one was when one left the screen: coming back without an address leads there. */
let last: Record<string, string> = {};

/** What is being composed. What a link should carry is in the address; what is typed is kept beside it. */
export class Composer {
  readonly #all = new Endpoints();
  #text = $state("");
  #round = $state(0);
  #sending = $state(false);
  #result = $state.raw<{ accepted: EventAccepted; at: number } | null>(null);
  #sendProblem = $state.raw<unknown>(null);
  #source = $state.raw<Source | null>(null);
  #sourceProblem = $state.raw<unknown>(null);
  #file = $state.raw<{ name: string; bytes: Uint8Array } | null>(null);
  #spelling = $state<Spelling>("text");
  #abort = new AbortController();
  #sent = { key: newIdempotencyKey(), draft: "" };
  contentType = $state("");

  readonly sourceId = $derived(sourceIdOf(router.route.query));
  readonly isReading = $derived(
    this.sourceId !== null && this.#source === null && this.#sourceProblem === null,
  );

  readonly provider = $derived.by((): Provider | null => {
    const wanted = router.route.query.provider ?? this.#source?.provider ?? recall("provider");
    return catalogue.find(wanted) ?? catalogue.all?.[0] ?? null;
  });
  readonly type = $derived(
    router.route.query.type ?? this.#source?.type ?? this.provider?.events[0]?.type ?? "",
  );
  readonly event = $derived<ProviderEvent | undefined>(eventOf(this.provider, this.type));
  readonly mode = $derived<Mode>(asMode(router.route.query.mode ?? this.#source?.mode));
  readonly envelope = $derived(router.route.query.envelope ?? "");
  /** The endpoints chosen; null for all that subscribe. */
  readonly chosen = $derived.by((): string[] | null => {
    const named = router.route.query.endpoint;
    return named === undefined ? null : named.split(",").filter((id) => id.startsWith("ep_"));
  });
  /** What the editor's text belongs to. */
  readonly key = $derived(
    [this.sourceId ?? "", this.provider?.id ?? "", this.type, this.mode, this.#spelling].join(" "),
  );

  /** Those of the provider; null until they are known. */
  readonly endpoints = $derived.by((): Endpoint[] | null => {
    const own = this.provider?.id;
    return this.#all.all?.filter((one) => one.provider === own) ?? null;
  });
  readonly reached = $derived.by((): number | null => {
    if (this.chosen) return this.chosen.length;
    const wanting = this.endpoints?.filter(
      (one) => one.status === "enabled" && subscribes(one.enabled_events, this.type),
    );
    return wanting?.length ?? null;
  });

  readonly composed = $derived.by((): Composed => {
    return compose({
      provider: this.provider?.id ?? "",
      type: this.type,
      envelope: this.envelope,
      mode: this.mode,
      text: this.#text,
      spelling: this.#spelling,
      file: this.#file?.bytes ?? null,
      contentType: this.mode === "bytes" ? this.contentType : "",
      endpoints: this.chosen,
    });
  });
  readonly textFault = $derived.by((): Fault | null => {
    return this.mode === "bytes" ? null : jsonFault(this.#text);
  });
  /** Why the button does nothing, or null. */
  readonly cannotSend = $derived.by((): string | null => {
    if (this.composed.fault) return this.composed.fault.message;
    return this.reached === 0 ? "No endpoint gets it yet." : null;
  });
  readonly sendTitle = $derived(this.reached ? `Send to ${plural(this.reached, "endpoint")}` : "Send");
  readonly edited = $derived(this.#text !== this.#start());

  get text(): string {
    return this.#text;
  }

  /** Goes up when the editor is to take the text anew. */
  get round(): number {
    return this.#round;
  }

  get source(): Source | null {
    return this.#source;
  }

  get sourceProblem(): unknown {
    return this.#sourceProblem;
  }

  get spelling(): Spelling {
    return this.#spelling;
  }

  get file(): { name: string; bytes: Uint8Array } | null {
    return this.#file;
  }

  get sending(): boolean {
    return this.#sending;
  }

  get result(): { accepted: EventAccepted; at: number } | null {
    return this.#result;
  }

  get sendProblem(): unknown {
    return this.#sendProblem;
  }

  /** Follows the address; called in an effect. */
  start(): () => void {
    const stopEndpoints = untrack(() => this.#all.start());
    untrack(() => {
      if (Object.keys(router.route.query).length === 0) router.setQuery(last);
    });
    const stop = $effect.root(() => {
      $effect(() => {
        if (router.route.screen === "compose") last = router.route.query;
      });
      $effect(() => {
        void this.sourceId;
        untrack(() => void this.readSource());
      });
      $effect(() => {
        const key = this.key;
        const ready = this.provider !== null && !this.isReading;
        if (ready) untrack(() => this.#show(typed.get(key) ?? this.#start()));
      });
    });
    return () => {
      stop();
      stopEndpoints();
      this.#abort.abort();
    };
  }

  async readSource(): Promise<void> {
    this.#abort.abort();
    const { signal } = (this.#abort = new AbortController());
    [this.#source, this.#sourceProblem] = [null, null];
    const id = this.sourceId;
    if (id === null) return;
    try {
      const source = await readSource(id, signal);
      if (signal.aborted) return;
      this.#source = source;
      this.#spelling = source.spelling;
      this.contentType = source.contentType;
      if (source.endpoint && router.route.query.endpoint === undefined) {
        router.setQuery({ endpoint: source.endpoint });
      }
    } catch (error) {
      if (!isAbort(error) && !signal.aborted) this.#sourceProblem = error;
    }
  }

  /** What stands in the address. Another provider or event lets go of what was being edited. */
  choose(choice: Choice): void {
    const { provider, type, mode, envelope, endpoints } = choice;
    const fresh = { from: null, event: null, delivery: null, request: null };
    if (provider !== undefined) {
      remember("provider", provider);
      router.setQuery({ ...fresh, provider, type: null, envelope: null, endpoint: null });
    }
    if (type !== undefined) router.setQuery({ ...fresh, provider: this.provider?.id, type });
    if (mode !== undefined) router.setQuery({ mode });
    if (envelope !== undefined) router.setQuery({ envelope });
    // No endpoint is a choice too, told apart from none having been made.
    if (endpoints !== undefined) router.setQuery({ endpoint: endpoints && (endpoints.join(",") || "none") });
  }

  spell(spelling: Spelling): void {
    this.#spelling = spelling;
  }

  /** The text in the editor is another. */
  write(text: string): void {
    this.#text = text;
    typed.delete(this.key);
    if (text !== this.#start()) typed.set(this.key, text);
    const oldest = typed.keys().next();
    if (typed.size > mostTyped && !oldest.done) typed.delete(oldest.value);
  }

  reset(): void {
    typed.delete(this.key);
    this.#show(this.#start());
  }

  format(): void {
    const text = formatted(this.#text);
    this.write(text);
    this.#show(text);
  }

  async takeFile(file: File): Promise<void> {
    this.#file = { name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) };
    if (this.contentType === "" && file.type) this.contentType = file.type;
  }

  async send(): Promise<void> {
    const { draft } = this.composed;
    if (!draft || this.cannotSend !== null || this.#sending) return;
    // The same press twice, or a try after no answer, makes one event; another body makes another.
    const told = stringify(draft);
    if (told !== this.#sent.draft) this.#sent = { key: newIdempotencyKey(), draft: told };
    this.#sending = true;
    this.#sendProblem = null;
    try {
      const accepted = await events.create(draft, { idempotencyKey: this.#sent.key });
      this.#result = { accepted, at: display.present() };
      this.#sent = { key: newIdempotencyKey(), draft: "" };
    } catch (error) {
      this.#sendProblem = error;
      if (error instanceof Problem && error.status !== null) this.#sent.draft = "";
    } finally {
      this.#sending = false;
    }
  }

  putAway(): void {
    this.#result = null;
  }

  nameOf(endpointId: string | null): string {
    return this.#all.find(endpointId)?.name ?? endpointId ?? "a plain URL";
  }

  #start(): string {
    const source = this.#source;
    if (source && source.text !== "" && this.mode === source.mode && this.#spelling === source.spelling) {
      return source.text;
    }
    const sample = (this.event ?? this.provider?.events[0])?.samples[0];
    const start = startOf(sample, this.mode);
    return this.mode === "bytes" && this.#spelling === "base64" ? btoa(encodeBinary(start)) : start;
  }

  #show(text: string): void {
    this.#text = text;
    this.#round++;
  }
}

/** Each byte of the UTF-8 as a character, which `btoa` takes. */
function encodeBinary(text: string): string {
  return Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join("");
}
