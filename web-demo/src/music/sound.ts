import { effect, signal } from '@preact/signals';
import type { Played } from './note';
import { voiceOf } from './voices';

export const isMuted = signal(false);

let context: AudioContext | undefined;
let master: GainNode | undefined;
const sounding = new Map<string, (at: number) => void>();

/** Whether this browser cannot make sound: it has no Web Audio, or refuses it. */
export const isSilent = signal(!('AudioContext' in globalThis));

/** The audio output. Browsers allow it once the visitor has touched the page. */
function loudspeaker(): GainNode | undefined {
  if (master || isSilent.value) return master;
  if (!navigator.userActivation?.hasBeenActive) return undefined;
  playInSpiteOfSilentSwitch();
  context = new AudioContext({ latencyHint: 'interactive' });
  master = context.createGain();
  master.gain.value = isMuted.value ? 0 : 0.7;
  // Ten musicians at once must not clip.
  const compressor = context.createDynamicsCompressor();
  master.connect(compressor).connect(context.destination);
  context.addEventListener('statechange', wake);
  return master;
}

/** The silent switch of an iPhone is for calls, not for instruments. */
function playInSpiteOfSilentSwitch(): void {
  const { audioSession } = navigator as { audioSession?: { type: string } };
  if (audioSession) audioSession.type = 'playback';
}

/** Lets the sound go on after an interruption: a call, another app, a screen that was off. */
function wake(): void {
  if (!context || context.state === 'running' || context.state === 'closed') return;
  // Refused until the visitor touches the page again.
  if (!document.hidden) context.resume().catch(() => {});
}

for (const event of ['visibilitychange', 'pointerdown', 'keydown'])
  document.addEventListener(event, wake, { capture: true, passive: true });

effect(() => {
  const loudness = isMuted.value ? 0 : 0.7;
  if (context) master?.gain.setTargetAtTime(loudness, context.currentTime, 0.02);
});

/** Plays a note. Without sound here, the note still reaches the other participants. */
export function sound(played: Played): void {
  try {
    start(played);
  } catch {
    isSilent.value = true;
  }
}

function start({ userId, instrument, note }: Played): void {
  const out = loudspeaker();
  if (!out || !context || isSilent.value) return;
  wake();
  const key = `${userId} ${note.pitch}`;
  sounding.get(key)?.(context.currentTime);
  sounding.delete(key);
  if (note.isOn) sounding.set(key, voiceOf(instrument)(out, note.pitch, note.velocity));
}
