import { saveFile } from "$api/files";
import { toasts } from "$app/toasts.svelte";

/** Offers a body, or a part of one, for saving. */
export async function saveBytes(bytes: Uint8Array<ArrayBuffer>, name: string): Promise<void> {
  try {
    await saveFile(bytes, name);
  } catch (error) {
    toasts.failed("The body was not saved", error);
  }
}
