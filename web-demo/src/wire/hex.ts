/** Bytes as base64, however many: as arguments of one call they would be too many for the stack. */
export function toBase64(bytes: Uint8Array): string {
  const some = 2 ** 13;
  let letters = '';
  for (let at = 0; at < bytes.length; at += some)
    letters += String.fromCharCode.apply(null, bytes.subarray(at, at + some) as never);
  return btoa(letters);
}

/** How many bytes a text in base64 stands for. */
export function sizeOfBase64(text: string): number {
  return Math.floor((text.replace(/=+$/, '').length * 3) / 4);
}

/** A hex dump: sixteen bytes a line, with offset and text. */
export function hexDump(bytes: Uint8Array): string {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += 16) {
    const row = [...bytes.subarray(at, at + 16)];
    const hex = row.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const letters = row.map((byte) => (byte > 31 && byte < 127 ? String.fromCharCode(byte) : '·'));
    lines.push(`${at.toString(16).padStart(4, '0')}  ${hex.padEnd(47)}  ${letters.join('')}`);
  }
  return lines.join('\n');
}

export function bytesOf(kind: string, frame: string): Uint8Array {
  if (kind !== 'binary') return new TextEncoder().encode(frame);
  return Uint8Array.from(atob(frame), (letter) => letter.charCodeAt(0));
}
