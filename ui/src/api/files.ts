import { inWindow } from "./window";

/**
 * Offers bytes for saving, in the window by the system's dialog, in a browser as a download. Answers false
 * where the person changed their mind, as far as that can be known.
 */
export function saveFile(bytes: Uint8Array<ArrayBuffer>, name: string): Promise<boolean> {
  return inWindow() ? saveByDialog(bytes, name) : Promise.resolve(download(bytes, name));
}

/**
 * In the window: asks where to by the system's dialog, and has what the contract answers to a GET written there as it
 * comes, however large. Answers false where the person changed their mind.
 */
export async function saveAnswer(path: string, name: string): Promise<boolean> {
  const { invoke } = await import("@tauri-apps/api/core");
  try {
    return await invoke<boolean>("save_answer", { path, name });
  } catch (fault) {
    // The window says what is wrong as a sentence.
    throw fault instanceof Error ? fault : new Error(String(fault));
  }
}

async function saveByDialog(bytes: Uint8Array<ArrayBuffer>, name: string): Promise<boolean> {
  const { invoke } = await import("@tauri-apps/api/core");
  // The name travels in a header, which takes plain characters only.
  const plain = name.replace(/[^ -~]/gu, "_");
  return invoke<boolean>("save_file", bytes, { headers: { "file-name": plain } });
}

/** The bytes are handed over as plain bytes, so nothing opens them by their type. */
function download(bytes: Uint8Array<ArrayBuffer>, name: string): boolean {
  const address = URL.createObjectURL(new Blob([bytes], { type: "application/octet-stream" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  // The download has taken hold of the bytes by then.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
  return true;
}
