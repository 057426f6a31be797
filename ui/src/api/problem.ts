import type { FieldError } from "./types";

/** What a failed call carries: the problem document of RFC 9457, or why there was none. */
export class Problem extends Error {
  /** HTTP status, or null where no answer came at all. */
  readonly status: number | null;
  /** `about:blank` or a stable slug. */
  readonly type: string;
  readonly title: string;
  readonly detail: string;
  readonly errors: FieldError[];

  constructor(fields: {
    status: number | null;
    type?: string;
    title: string;
    detail?: string;
    errors?: FieldError[];
  }) {
    super(fields.detail || fields.title);
    this.name = "Problem";
    this.status = fields.status;
    this.type = fields.type ?? "about:blank";
    this.title = fields.title;
    this.detail = fields.detail ?? "";
    this.errors = fields.errors ?? [];
  }

  /** The message for one field of a form, where the answer named it. */
  field(name: string): string | undefined {
    return this.errors.find((error) => error.field === name)?.message;
  }

  static async from(response: Response): Promise<Problem> {
    const fallback = { status: response.status, title: response.statusText || `Status ${response.status}` };
    if (!/json/.test(response.headers.get("content-type") ?? "")) return new Problem(fallback);
    try {
      const document = (await response.json()) as Record<string, unknown>;
      return new Problem({
        status: response.status,
        type: typeof document.type === "string" ? document.type : undefined,
        title: typeof document.title === "string" ? document.title : fallback.title,
        detail: typeof document.detail === "string" ? document.detail : undefined,
        errors: Array.isArray(document.errors) ? (document.errors as FieldError[]) : undefined,
      });
    } catch {
      return new Problem(fallback);
    }
  }

  static unreachable(cause: unknown): Problem {
    const problem = new Problem({
      status: null,
      title: "Hookbench does not answer",
      detail: "The engine could not be reached. It may have been stopped.",
    });
    problem.cause = cause;
    return problem;
  }
}

/** A sentence for people, whatever was thrown. */
export function explain(error: unknown): string {
  if (error instanceof Problem) {
    // The detail of a short list of errors names them already.
    const unsaid = error.errors.filter((one) => !error.detail.includes(one.message));
    const fields = unsaid.map((one) => `${one.field}: ${one.message}`).join("; ");
    return [error.detail || error.title, fields].filter(Boolean).join(" ");
  }
  return error instanceof Error ? error.message : String(error);
}

/** Whether a call ended because its caller no longer wanted it. */
export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}
