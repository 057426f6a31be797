import type { BadCertificate, Fault, FaultDial, FaultDialDraft } from "$api/types";
import { isWhole, readReply, replyField, type ReplyForm, replyForm } from "../replies/form";

/** A dial as the fields of a form hold it: text, as typed. */
export interface DialForm extends ReplyForm {
  /** "" where it answers. */
  fault: Fault | "";
  /** "" for all of them. */
  failFirst: string;
  certificate: BadCertificate;
  drip: string;
}

export type DialErrors = Partial<Record<keyof DialForm, string>>;

export function formOf(dial: FaultDial): DialForm {
  return {
    ...replyForm(dial),
    fault: dial.fault ?? "",
    failFirst: dial.fail_first === null ? "" : String(dial.fail_first),
    certificate: dial.certificate,
    drip: String(dial.drip_bytes_per_s),
  };
}

/** The dial that a form says, or what is wrong with its fields. */
export function readForm(form: DialForm): { dial: FaultDialDraft; errors: DialErrors } {
  const { reply, errors: ofReply } = readReply(form);
  const errors: DialErrors = { ...ofReply };
  if (form.fault !== "" && form.failFirst.trim() !== "" && !isWhole(form.failFirst))
    errors.failFirst = "Give a whole number, or nothing for all of them.";
  if (form.fault === "drip" && !(isWhole(form.drip) && Number(form.drip) >= 1 && Number(form.drip) <= 1000))
    errors.drip = "From 1 to 1000.";
  const { retry_after, ...answer } = reply;
  const dial: FaultDialDraft = { ...answer, ...(retry_after && { retry_after }) };
  if (form.fault !== "") {
    dial.fault = form.fault;
    if (form.failFirst.trim() !== "") dial.fail_first = Number(form.failFirst);
    if (form.fault === "bad_tls") dial.certificate = form.certificate;
    if (form.fault === "drip") dial.drip_bytes_per_s = Number(form.drip);
  }
  return { dial, errors };
}

/** Which field of the form an error of the API is about. */
export function fieldOf(path: string): keyof DialForm | null {
  const name = path.replace(/^dial\./, "");
  const fields: Record<string, keyof DialForm> = {
    fault: "fault",
    fail_first: "failFirst",
    certificate: "certificate",
    drip_bytes_per_s: "drip",
  };
  return fields[name] ?? replyField(name);
}
