// A kept jam in the fragment of a link, which browsers do not send to any server.

import { bytesOf, toBase64 } from '../wire/hex';
import { type KeptJam, limits, readJam, tailOf, writeJam } from './kept-jam';

/** The most letters of a link: what the strictest of the common messengers takes in one message. */
export const mostLetters = 2000;

/** In a link, notes are this exact: fewer digits make room for more notes. */
const tickMs = 10;

export interface JamLink {
  url: string;
  /** What the link holds: all of it, or the end. */
  jam: KeptJam;
}

/** Whether this browser can make and read such links. */
export const hasLinks = 'CompressionStream' in globalThis;

/** The link to as many of the last notes as fit into so many letters. */
export async function linkTo(jam: KeptJam, page: string, most = mostLetters): Promise<JamLink> {
  const linkFrom = async (from: number): Promise<JamLink> => {
    const tail = from === 0 ? jam : tailOf(jam, from);
    return { url: `${page}#${await pack(writeJam(tail, tickMs))}`, jam: tail };
  };
  let best = await linkFrom(0);
  if (best.url.length <= most) return best;
  // Nothing gets smaller with a note more: the border is found by halving.
  let [tooLong, fitting] = [0, jam.notes.length];
  best = await linkFrom(fitting);
  while (fitting - tooLong > 1) {
    const middle = Math.floor((tooLong + fitting) / 2);
    const link = await linkFrom(middle);
    if (link.url.length <= most) [fitting, best] = [middle, link];
    else tooLong = middle;
  }
  return best;
}

/** The jam in a fragment of anybody; throws an error with one sentence. */
export async function readFragment(fragment: string): Promise<KeptJam> {
  if (!hasLinks) throw new Error('This browser cannot open such links. Ask for the file instead.');
  let text: string;
  try {
    text = await unpack(fragment);
  } catch {
    throw new Error('This link is incomplete or damaged: a part of it may be missing at the end.');
  }
  return readJam(text);
}

async function pack(text: string): Promise<string> {
  const packed = new Blob([text]).stream().pipeThrough(new CompressionStream('deflate-raw'));
  const base64 = toBase64(new Uint8Array(await new Response(packed).arrayBuffer()));
  return base64.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

/** No more than a file may have: a few letters can unpack to gigabytes. */
async function unpack(fragment: string): Promise<string> {
  const bytes = bytesOf('binary', fragment.replaceAll('-', '+').replaceAll('_', '/'));
  const stream = new Blob([bytes as BlobPart]).stream();
  const reader = stream.pipeThrough(new DecompressionStream('deflate-raw')).getReader();
  const parts: BlobPart[] = [];
  for (let size = 0; ; ) {
    const { done, value } = await reader.read();
    if (done) return new Blob(parts).text();
    size += value.length;
    parts.push(value);
    if (size <= limits.letters) continue;
    void reader.cancel();
    throw new Error('too large');
  }
}
