/** What a colour may say. It never says it alone: a shape or a word stands beside it. */
export type Tone = "good" | "bad" | "wait" | "busy" | "off";

export interface ToastItem {
  id: number;
  tone: Tone;
  text: string;
  detail?: string;
  action?: { label: string; run: () => void };
}
