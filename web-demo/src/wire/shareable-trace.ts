// A trace for others: nobody can act as its musicians with what it holds.

import { engine } from '../server/engine';
import type { Recording } from './recording';
import { withoutSecrets } from './secrets';

const isInput = /^\d+ > /;
const textInput = /^(\d+ [<>] (?:text|send) \S+ )(".*")$/;
const entropy = /"entropy":"([0-9a-f]+)"/;
/** In a frame, which is a string in JSON. */
const secret = /(\b(?:sid|pid|resumeToken)\\":\\")([^"\\]+)/g;
const word = /[\w-]{16,}/g;
const restored = /^\d+ > room-restored /;
/** In the state of a restored room: the hash of a secret. */
const secretHash = /("(?:pid|token)":")([\w-]{43})(?=")/g;
/** The digits of the entropy from which public ids and room codes are drawn. */
const publicDigits = [24, 64] as const;

/**
 * The text of a trace file. Its secrets are other ones, as a second engine makes them, so that it
 * replays like the recording. What cannot be replayed has stars instead.
 */
export async function shareableTrace(recording: Recording): Promise<string> {
  if (recording.isWhole) {
    try {
      return await withOtherSecrets(recording.lines);
    } catch {
      // The recording of another version, which this engine does not understand.
    }
  }
  return recording.text.split('\n').map(maskLine).join('\n');
}

async function withOtherSecrets([header = '', ...lines]: readonly string[]): Promise<string> {
  const [{ Machine }, module] = await Promise.all([import('downbeat-server/machine'), engine()]);
  const machine = await Machine.start(module);
  machine.create(header.slice(header.indexOf('{')));
  const others = new Map<string, string>();
  const restoredSecrets = await drawRestoredSecrets(lines);
  const written = [header];
  for (let at = 0; at < lines.length; ) {
    const line = lines[at++]!;
    if (!isInput.test(line)) {
      written.push(line); // a remark before the first input
      continue;
    }
    let before = '';
    for (; at < lines.length && !isInput.test(lines[at]!); ++at) before += `${lines[at]}\n`;
    await restoredSecrets.find(line, others);
    const input = restoredSecrets.hide(hideInput(line, others));
    const after = machine.step(input);
    const old = secretsIn(before);
    secretsIn(after).forEach((one, of) => old[of] && others.set(old[of], one));
    written.push(input, ...after.split('\n').filter((each) => each !== ''));
  }
  return [...written, ''].join('\n');
}

/**
 * Of restored rooms the recording has only the hashes of secrets. Each gets another secret; what a
 * client shows is known by its hash.
 */
async function drawRestoredSecrets(lines: readonly string[]) {
  const drawn = new Map<string, { secret: string; hash: string }>(); // by the recorded hash
  for (const line of lines) {
    if (!restored.test(line)) continue;
    for (const [, , hash = ''] of line.matchAll(secretHash)) {
      if (drawn.has(hash)) continue;
      const fresh = base64url(crypto.getRandomValues(new Uint8Array(18)));
      drawn.set(hash, { secret: fresh, hash: await hashOf(fresh) });
    }
  }
  return {
    async find(line: string, others: Map<string, string>): Promise<void> {
      if (drawn.size === 0 || !textInput.test(line) || !line.includes('"40{')) return;
      for (const [one] of line.matchAll(word)) {
        const other = drawn.get(await hashOf(one));
        if (other) others.set(one, other.secret);
      }
    },
    hide: (line: string): string =>
      restored.test(line)
        ? line.replace(secretHash, (_, before: string, hash: string) => before + drawn.get(hash)!.hash)
        : line,
  };
}

async function hashOf(secret: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(secret));
  return base64url(new Uint8Array(digest));
}

function base64url(bytes: Uint8Array): string {
  const text = btoa(String.fromCharCode(...bytes));
  return text.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

function hideInput(line: string, others: ReadonlyMap<string, string>): string {
  const known = line.replace(word, (one) => others.get(one) ?? one);
  const renewed = known.replace(entropy, (_, digits: string) => `"entropy":"${renew(digits)}"`);
  // A secret of another server, or of the user.
  const isOurs = new Set(others.values());
  return withFrame(renewed, (frame) =>
    withoutSecrets(frame, true, (text) => (isOurs.has(text) ? text : 'x'.repeat(text.length))),
  );
}

/** The same public ids and codes, and other secrets. */
function renew(digits: string): string {
  const bytes = crypto.getRandomValues(new Uint8Array(digits.length / 2));
  const fresh = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  const [from, to] = publicDigits;
  return fresh.slice(0, from) + digits.slice(from, to) + fresh.slice(to);
}

function secretsIn(outputs: string): string[] {
  return [...outputs.matchAll(secret)].map(([, , one]) => one!);
}

function maskLine(line: string): string {
  return withFrame(line, (frame) => withoutSecrets(frame, isInput.test(line)))
    .replace(secret, (_, before: string, one: string) => before + '*'.repeat(one.length))
    .replace(entropy, (_, digits: string) => `"entropy":"${'0'.repeat(digits.length)}"`)
    .replace(/\bsid=[\w-]+/g, 'sid=*');
}

/** Changes the frame in a line that has one. */
function withFrame(line: string, change: (frame: string) => string): string {
  return line.replace(textInput, (all, before: string, json: string) => {
    const frame = JSON.parse(json) as string;
    const changed = change(frame);
    return changed === frame ? all : before + JSON.stringify(changed);
  });
}
