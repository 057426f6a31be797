import type { CataloguePreview, FieldError } from "$api/types";
import { asSentence } from "$shared/sentence";
import { plural } from "$shared/size";

/** A document that is to be imported. */
export interface Document {
  name: string;
  text: string;
}

/** No catalogue of events is larger, in bytes; the API takes no more either. */
export const largest = 8 * 1024 * 1024;

export type ImportField = "name" | "id" | "base" | "scheme" | "documents";

export interface ImportErrors {
  fields: Partial<Record<ImportField, string>>;
  /** What is wrong with a document, each with its place in it, by the document's place among them. */
  documents: Map<number, { place: string; problem: string }[]>;
  /** What belongs to no field. */
  loose: string[];
}

/** A name for the provider, from that of its first document: "acme-billing.openapi.yaml" is "Acme billing". */
export function nameFrom(file: string): string {
  const plain = file
    .replace(/\.(openapi|schema|webhooks?)?\.?(json|ya?ml)$/i, "")
    .replace(/[._-]+/g, " ")
    .trim();
  return plain.charAt(0).toUpperCase() + plain.slice(1);
}

/** "3 events: order.created, order.paid and 1 more". */
export function foundText({ events }: CataloguePreview): string {
  const most = 5;
  const named = events.slice(0, events.length > most ? most : undefined).map(({ type }) => type);
  const rest = events.length - named.length;
  return `${plural(events.length, "event")}: ${named.join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`;
}

/** Puts what the API said where it belongs. */
export function errorsOf(told: readonly FieldError[]): ImportErrors {
  const errors: ImportErrors = { fields: {}, documents: new Map(), loose: [] };
  for (const { field, message } of told) {
    const document = /^documents\[(\d+)\]/.exec(field)?.[1];
    if (document !== undefined) {
      const [, place, problem] = /^(.*?): (.*)$/s.exec(message) ?? [];
      const before = errors.documents.get(Number(document)) ?? [];
      errors.documents.set(Number(document), [
        ...before,
        { place: place ?? "", problem: problem ?? message },
      ]);
    } else if (["name", "id", "base", "scheme", "documents"].includes(field)) {
      errors.fields[field as ImportField] = asSentence(message);
    } else errors.loose.push(`${field}: ${message}`);
  }
  return errors;
}

/** Where in a document, in words: a pointer, or line and column. */
export function placeText(place: string): string {
  if (place === "" || place === "/") return "";
  return place.startsWith("/") ? `at ${place}` : place;
}
