/**
 * Puts text on the clipboard. What has yet to be asked for is promised to it: web views let a page write only while it
 * answers a press, and once the text is there that is over.
 */
export async function copy(text: string | Promise<string>): Promise<void> {
  if (typeof text === "string") return copyNow(text);
  try {
    const plain = text.then((it) => new Blob([it], { type: "text/plain" }));
    await navigator.clipboard.write([new ClipboardItem({ "text/plain": plain })]);
  } catch {
    // Where it was the text that failed, that is told.
    await copyNow(await text);
  }
}

/** Some web views refuse the modern way outside a secure context. */
async function copyNow(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    copyBySelection(text);
  }
}

function copyBySelection(text: string): void {
  const area = document.createElement("textarea");
  area.value = text;
  area.readOnly = true;
  area.className = "visually-hidden";
  const focused = document.activeElement;
  // A dialog takes back a focus that leaves it, and the selection with it.
  const held = focused?.closest('[role="dialog"], [role="alertdialog"], [role="menu"]');
  (held ?? document.body).append(area);
  area.select();
  const copied = document.execCommand("copy");
  area.remove();
  if (focused instanceof HTMLElement) focused.focus();
  if (!copied) throw new Error("The clipboard could not be written");
}
