const digits = "0123456789abcdefghjkmnpqrstvwxyz";

/** When something was made, in milliseconds since 1970, as its id tells; null where it tells nothing. */
export function madeAt(id: string): number | null {
  const start = id.slice(id.lastIndexOf("_") + 1, id.lastIndexOf("_") + 11);
  if (start.length < 10) return null;
  let bits = 0;
  for (const digit of start) {
    const value = digits.indexOf(digit);
    if (value < 0) return null;
    bits = bits * 32 + value;
  }
  // Ten digits are 50 bits, and the time is the first 48.
  return Math.floor(bits / 4);
}
