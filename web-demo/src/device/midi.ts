import { signal } from '@preact/signals';
import type { Device } from './device';

export const hasMidi = 'requestMIDIAccess' in navigator;
/** The device that MIDI keyboards play, if any. */
export const midiTarget = signal<Device | undefined>(undefined);
export const midiRemark = signal('');

/** The number of the control change that a sustain pedal sends. */
const sustainController = 64;

const held = new Set<number>();
let access: Promise<MIDIAccess> | undefined;

/** Lets all MIDI keyboards, also those plugged in later, play this device, or none. */
export async function playMidiOn(device: Device | undefined): Promise<void> {
  releaseAll();
  midiTarget.value = device;
  midiRemark.value = '';
  if (!device) return;
  try {
    access ??= navigator.requestMIDIAccess();
    const granted = await access;
    granted.onstatechange = () => listen(granted);
    listen(granted);
  } catch {
    access = undefined;
    midiTarget.value = undefined;
    midiRemark.value = 'This browser did not allow MIDI. Check its settings for this page.';
  }
}

function listen({ inputs }: MIDIAccess): void {
  const connected = [...inputs.values()].filter(({ state }) => state === 'connected');
  for (const input of connected) input.onmidimessage = hear;
  if (connected.length === 0) releaseAll(); // an unplugged keyboard sends no note-offs
  midiRemark.value =
    connected.length === 0
      ? 'No MIDI keyboard yet: plug one in.'
      : `Listening to ${connected.map(({ name }) => name ?? 'a keyboard').join(', ')}.`;
}

function hear({ data }: MIDIMessageEvent): void {
  const [status = 0, pitch = 0, velocity = 0] = data ?? [];
  const kind = status & 0xf0;
  if (kind === 0xb0 && pitch === sustainController) midiTarget.value?.pedal.move(velocity >= 64);
  if (kind !== 0x90 && kind !== 0x80) return;
  // Many keyboards send a note-on with velocity 0 when a key is released.
  const isOn = kind === 0x90 && velocity > 0;
  if (isOn) held.add(pitch);
  else if (!held.delete(pitch)) return;
  const loudness = Math.round((velocity / 127) * 100) / 100;
  midiTarget.value?.play({ pitch, velocity: isOn ? loudness : 0, isOn });
}

function releaseAll(): void {
  for (const pitch of held) midiTarget.value?.play({ pitch, velocity: 0, isOn: false });
  held.clear();
  midiTarget.value?.pedal.move(false);
}
