/** The text as it comes off a wire, where half a surrogate pair cannot be written. */
export function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\ufffd');
}
