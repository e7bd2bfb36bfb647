import { effect, signal } from '@preact/signals';
import type { Played } from '../jam/device';
import { voiceOf } from './voices';

export const isMuted = signal(false);

let context: AudioContext | undefined;
let master: GainNode | undefined;
const sounding = new Map<string, (at: number) => void>();

/** The way to the loudspeaker. Browsers allow it once the visitor has touched the page. */
function loudspeaker(): GainNode | undefined {
  if (master) return master;
  if (!navigator.userActivation?.hasBeenActive || !('AudioContext' in globalThis)) return undefined;
  context = new AudioContext({ latencyHint: 'interactive' });
  master = context.createGain();
  master.gain.value = isMuted.value ? 0 : 0.7;
  // Ten musicians at once must not clip.
  const compressor = context.createDynamicsCompressor();
  master.connect(compressor).connect(context.destination);
  return master;
}

effect(() => {
  const loudness = isMuted.value ? 0 : 0.7;
  if (context) master?.gain.setTargetAtTime(loudness, context.currentTime, 0.02);
});

/** Makes a played note heard. */
export function sound({ userId, instrument, note }: Played): void {
  const out = loudspeaker();
  if (!out || !context) return;
  if (context.state === 'suspended') void context.resume();
  const key = `${userId} ${note.pitch}`;
  sounding.get(key)?.(context.currentTime);
  sounding.delete(key);
  if (note.isOn) sounding.set(key, voiceOf(instrument)(out, note.pitch, note.velocity));
}
