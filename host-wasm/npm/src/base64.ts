/** Bytes as base64 with padding. */
export function encodeBase64(bytes: Uint8Array): string {
  const stretch = 0x8000; // more arguments than this are too many for some engines
  let binary = '';
  for (let at = 0; at < bytes.length; at += stretch) {
    binary += String.fromCharCode(...bytes.subarray(at, at + stretch));
  }
  return btoa(binary);
}

/** The bytes, in a buffer of their own. */
export function decodeBase64(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < binary.length; ++at) bytes[at] = binary.charCodeAt(at);
  return bytes;
}
