/** Bytes as one reads them: sixteen a line, with their place and their letters. */
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
