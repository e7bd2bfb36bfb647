/** The longest text that may hold a code, which has at most ten characters. */
const longest = 64;

/**
 * The room code in a text as people type it, paste it or find it in an address: in capital letters,
 * or '' if this cannot be one. Only the server knows which codes exist, and its way to draw them
 * may change, so no word list or alphabet is repeated here. All its shapes (`FUNKY-42`, `FUNKY-4257`,
 * `KIND-VD2BT`, `BT7K-2XR9M`) are five to nine letters and digits, with a digit among them.
 */
export function readRoomCode(text: string): string {
  if (text.length > longest) return '';
  text = text.replace(/[\uff01-\uff5e]/g, narrow);
  // A letter of another alphabet is an error; any other character counts as the hyphen.
  if (/[\p{L}\p{N}]/u.test(text.replace(/[a-z0-9]/gi, ''))) return '';
  const parts = text.toUpperCase().match(/[A-Z0-9]+/g) ?? [];
  const key = parts.join('');
  if (!/^(?=.*\d)[A-Z0-9]{5,9}$/.test(key)) return '';
  return parts.length === 2 ? parts.join('-') : key;
}

/** The Latin letter, digit or sign that a keyboard for Chinese or Japanese writes at full width. */
function narrow(wide: string): string {
  return String.fromCharCode(wide.charCodeAt(0) - 0xff01 + 0x21);
}

/** Whether two codes lead to the same room: O reads as 0, and I and L as 1. */
export function isSameRoom(one: string, other: string): boolean {
  return keyOf(one) === keyOf(other);
}

function keyOf(code: string): string {
  return code
    .toUpperCase()
    .replace(/[^A-Z0-9]/g, '')
    .replaceAll('O', '0')
    .replace(/[IL]/g, '1');
}
