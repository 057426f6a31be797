/**
 * The shapes that cross the wire, under the names that the interface uses. They are those of the OpenAPI
 * document, from which `schema.d.ts` is made (`npm run generate`): a change of the contract that the interface
 * does not follow is found by the type check.
 */
import type { components } from "./schema";

type Schemas = components["schemas"];

/** A header's value; one that is not UTF-8 travels as base64. */
export type HeaderValue = Schemas["Headers"][number][1];
/** Header lines as they stood on the wire: order, case and duplicates kept. */
export type Headers = Schemas["Headers"];
/** Text, or base64 where it is not UTF-8. */
export type BodyText = Schemas["BodyText"];

export interface Page<T> {
  data: T[];
  next_cursor: string | null;
}

export type Endpoint = Schemas["Endpoint"];
/** The answer to create and rotate: the only places, besides the reveal, that carry the secret. */
export type EndpointWithSecret = Schemas["EndpointWithSecret"];
export type EndpointDraft = Schemas["EndpointInput"];
export type EndpointEdit = Schemas["EndpointEdit"];
/** A secret without the secret itself. */
export type SecretInfo = Schemas["SecretInfo"];
export type SecretAddition = Schemas["SecretInput"];
export type Reveal = Schemas["Reveal"];
export type RevealedPart = Schemas["RevealedPart"];
export type FailureCount = Schemas["FailureCount"];
export type EndpointStatus = Schemas["EndpointStatus"];
export type RetryPolicy = Schemas["RetryPolicy"];
/** When failed attempts are to be tried again, as it is told to the API. */
export type RetryDraft = NonNullable<EndpointDraft["retry"]>;
export type SuccessRule = Schemas["SuccessRule"];
export type DisableRule = Schemas["DisableRule"];
export type Breaker = Schemas["Breaker"];
export type RateLimit = Schemas["RateLimit"];
export type OrderOnFailure = Schemas["OrderOnFailure"];
export type HttpVersion = Schemas["HttpVersion"];
/** The rules in force: the endpoint's own, and its profile's where it has none. */
export type Policy = Schemas["Policy"];
export type TlsPolicy = Schemas["TlsInput"];
/** An endpoint after an edit, with what goes on where that enabled it. */
export type EditedEndpoint = Schemas["EditedEndpoint"];
export type EndpointHealth = Schemas["EndpointHealth"];
export type BreakerStanding = Schemas["BreakerStanding"];
/** A plan to be drawn. */
export type ScheduleDraft = Schemas["ScheduleInput"];
export type Schedule = Schemas["Schedule"];

/** A receiver of our own that fails as its dial says. */
export type FaultReceiver = Schemas["FaultReceiver"];
export type FaultReceiverDraft = Schemas["FaultReceiverInput"];
export type FaultReceiverEdit = Schemas["FaultReceiverEdit"];
export type FaultDial = Schemas["FaultDial"];
export type FaultDialDraft = Schemas["FaultDialInput"];
export type FaultReceived = Schemas["FaultReceived"];
export type Fault = Schemas["Fault"];
export type BadCertificate = Schemas["BadCertificate"];

export type Delivery = Schemas["Delivery"];
export type DeliveryDetail = Schemas["DeliveryDetail"];
export type DeliveryStatus = Schemas["DeliveryStatus"];
/** As an address names it: what the API does not know, it refuses in words. */
export type DeliveryFilter = Omit<Schemas["DeliveryFilter"], "outcome" | "ended_because"> & {
  outcome?: string;
  ended_because?: string;
};
/** Where the text stands that a delivery was searched for. */
export type FoundIn = Schemas["FoundIn"];
export type Outcome = Schemas["Outcome"];
export type Trigger = Schemas["Trigger"];
export type AttemptSummary = Schemas["LastAttempt"];
export type Attempt = Schemas["Attempt"];
/** A phase that did not happen is null: a reused connection has no `connect_ms`. */
export type Timing = Schemas["Timing"];
/** The connection that an attempt was made over. */
export type Connection = Schemas["Connection"];
export type EndedBecause = Schemas["EndedBecause"];
export type SentRequest = Schemas["SentRequest"];
export type ReceivedResponse = Schemas["ReceivedResponse"];

export type WebhookEvent = Schemas["Event"];
export type EventDraft = Schemas["EventInput"];
export type EventAccepted = Schemas["EventAccepted"];
/** What would go out; nothing has been sent. */
export type Preview = Schemas["Preview"];
export type PreviewRequest = Schemas["PreviewRequest"];

/** A rule of what an inbox answers, with all that it says. */
export type WholeRule = Schemas["AnswerRule"];
/** The same, where what is left out is as usual. */
export type AnswerRule = Omit<WholeRule, "when" | "then"> & {
  when?: Partial<NonNullable<WholeRule["when"]>>;
  then?: Partial<NonNullable<WholeRule["then"]>>;
};
export type AnswerFault = Schemas["AnswerFault"];
/** What has to hold of a header or a parameter. */
export type RuleTest = Schemas["RuleTest"];
export type RuleCount = Schemas["RuleCount"];
export type RulesPreview = Schemas["RulesPreview"];
export type RulesPreviewDraft = Schemas["RulesPreviewInput"];
/** What was answered to a captured request. */
export type GivenAnswer = Schemas["GivenAnswer"];
/** How the sender of a captured request tried again. */
export type Retries = Schemas["Retries"];
export type Arrived = Schemas["Arrived"];
/** What a file of requests holds, and where they are or would be. */
export type RequestImport = Schemas["RequestImport"];
export type Inbox = Schemas["Inbox"];
export type InboxDraft = Schemas["InboxInput"];
/** The answer to a rotation: the only place that carries an inbox's secret. */
export type InboxWithSecret = Schemas["InboxWithSecret"];
export type InboxEdit = Schemas["InboxEdit"];
export type InboxResponse = Schemas["InboxResponse"];
export type Retention = Schemas["Retention"];

export type CapturedRequest = Schemas["CapturedRequest"];
/** Requests that reached no inbox. */
export type Stray = Schemas["Stray"];
/** As an address names it: what the API does not know, it refuses in words. */
export type Completion = Schemas["Completion"];
export type Completions = Schemas["Completions"];
/** A filter that somebody gave a name. */
export type SavedFilter = Schemas["SavedFilter"];
export type RequestFilter = Omit<Schemas["RequestFilter"], "verification"> & { verification?: string };
export type RequestEdits = Schemas["RequestEdit"];
export type SendOn = Schemas["SendOn"];
export type VerifyAgain = Schemas["VerifyAgain"];
export type Verification = Schemas["Verification"];
export type VerificationStatus = Schemas["VerificationStatus"];

export type Provider = Schemas["Provider"] & { retry: Required<RetryPolicy> };
/** Documents of which a provider of one's own is made. */
export type CatalogueImport = Schemas["ProviderImport"];
/** What documents would bring, were they imported. */
export type CataloguePreview = Schemas["ImportPreview"];
export type ProviderEvent = Schemas["ProviderEvent"];
export type ProviderSample = Schemas["ProviderSample"];
export type ProviderSecret = Schemas["ProviderSecret"];
export type Provenance = Schemas["SampleProvenance"];

/** One of `ids`, `filter` and `request_filter` says what is repeated. */
export type ReplayDraft = Omit<Schemas["ReplayInput"], "dry_run" | "filter" | "request_filter"> & {
  filter?: DeliveryFilter;
  request_filter?: RequestFilter;
};
/** What a replay would send where; nothing has been made. */
export type ReplayPreview = Schemas["ReplayPreview"];
export type ReplayTarget = Schemas["ReplayTarget"];
export type Replay = Schemas["Replay"];
export type ReplayProgress = Schemas["ReplayProgress"];
export type ReplayStatus = Schemas["ReplayStatus"];
export type Resign = Schemas["Resign"];

/** What the workspace says of a scheme, beside its form. */
export type SchemeAbout = Schemas["SchemeAbout"];
/** Any scheme. One that is code has a `kind` and few settings; one that is not saved yet, no `about`. */
export type Scheme = Omit<Schemas["SchemeForm"], "timestamp"> & {
  timestamp?: { header?: string | null; unit: "s" | "ms" | "iso" } | null;
  about?: SchemeAbout;
};
type OfKeyed = "signature_header" | "signature_format" | "content" | "algorithm" | "encoding" | "secret";
/** A scheme of the keyed family: all of it is data. */
export type KeyedScheme = Scheme & { [Name in OfKeyed]: string };
/** An object in the catalogue's own form as a person wrote it: the API checks it. */
export type SchemeForm = Record<string, unknown>;
/** A scheme's id, or one written out. */
export type SchemeInput = string | SchemeForm;
export type SignDraft = Omit<Schemas["SignInput"], "scheme"> & { scheme: SchemeInput };
export type Signed = Schemas["Signed"];
export type VerifyDraft = Omit<Schemas["VerifyInput"], "scheme"> & { scheme: SchemeInput };
export type Verified = Schemas["Verified"];
export type Cause = Schemas["Cause"];
/** A verdict in short. */
export type Statement = Schemas["Statement"];
/** A scheme by which a request may have been signed, and what says so. */
export type Recognised = Schemas["Recognition"];
export type SnippetInfo = Schemas["SnippetLanguage"];
/** A handler that verifies a scheme, ready to be put into a program. */
export type HandlerSnippet = Schemas["Snippet"];

export type Noun = Schemas["ChangeNoun"];
/** One small message of the change feed. What changed is fetched; the message only says which. */
export type Change = Schemas["Change"];

/** Attempts by how they ended; outcomes that did not happen are left out. */
export type Counts = Partial<Record<Outcome, number>>;
export type Stats = Schemas["Stats"];
export type StatsBucket = Schemas["StatsBucket"];
export type EndpointStats = Schemas["EndpointStats"];
export type EngineState = Schemas["EngineState"];
export type Latency = Schemas["Latency"];

export type Health = Schemas["Health"];
export type HealthTrouble = Schemas["HealthTrouble"];
/** How time goes in the workspace. */
export type Clock = Schemas["Clock"];
export type ClockEdit = Schemas["ClockEdit"];
export type MachineNotice = Schemas["MachineNotice"];
/** What goes out when. */
export type KeptBack = Schemas["KeptBack"];
export type Forecast = Schemas["Forecast"];
/** Something that somebody is told of. */
export type Alert = Schemas["Alert"];
export type WorkspaceSettings = Schemas["Settings"];
export type FieldError = Schemas["FieldError"];

/** What bodies of one kind look like; its places are there where it is read alone. */
export type Shape = Schemas["Shape"];
export type ShapeField = Schemas["ShapeField"];
export type JsonType = Schemas["JsonType"];
/** Where a captured request differed from what was known before it. */
export type Drift = Schemas["Drift"];
export type DriftKind = Schemas["DriftKind"];

/** Who else gets what an inbox captures. */
export type InboxRelay = Schemas["Relay"];
export type RelayTarget = Schemas["RelayTarget"];
/** A captured request on its way to a target. */
export type RequestRelay = Schemas["RequestRelay"];
/** What a sender has to show to an inbox. */
export type Access = Schemas["InboxAccess"];
export type AccessDraft = Schemas["InboxAccessInput"];
export type ReceiverTls = Schemas["ReceiverTls"];
/** The receiver's certificates. */
export type CaptureCertificates = Schemas["CaptureCertificates"];
export type CaptureCertificate = Schemas["CaptureCertificate"];
export type TrustSteps = Schemas["TrustSteps"];
