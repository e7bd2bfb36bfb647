import { signal } from '@preact/signals';
import type { Note } from '../jam/device';

export const hasMidi = 'requestMIDIAccess' in navigator;
export const midiState = signal('');

/** Listens to all MIDI keyboards there are, and to those that are plugged in later. */
export async function listenToMidi(play: (note: Note) => void): Promise<void> {
  try {
    const access = await navigator.requestMIDIAccess();
    const listen = () => {
      for (const input of access.inputs.values()) input.onmidimessage = hear;
      const count = access.inputs.size;
      midiState.value =
        count === 0 ? 'No MIDI keyboard yet: plug one in' : `MIDI: ${count} connected`;
    };
    const hear = ({ data }: MIDIMessageEvent) => {
      const [status = 0, pitch = 0, velocity = 0] = data ?? [];
      const kind = status & 0xf0;
      if (kind !== 0x90 && kind !== 0x80) return;
      play({ pitch, velocity: velocity / 127, isOn: kind === 0x90 && velocity > 0 });
    };
    access.onstatechange = listen;
    listen();
  } catch {
    midiState.value = 'MIDI was not allowed';
  }
}
