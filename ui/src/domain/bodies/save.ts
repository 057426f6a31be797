/** Offers bytes for saving. They are handed over as plain bytes, so nothing opens them by their type. */
export function saveBytes(bytes: Uint8Array<ArrayBuffer>, name: string): void {
  const address = URL.createObjectURL(new Blob([bytes], { type: "application/octet-stream" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  // The download has taken hold of the bytes by the time the next task runs.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
