import { useEffect, useRef } from 'preact/hooks';
import type { Device } from '../device/device';
import { stepOf } from '../music/computer-keys';
import { lowestFor, pads } from '../music/instruments';

const writing = 'input:not([type=range],[type=radio]),textarea,select';

/** What the space bar does something with, but for keys and pads: there it is the pedal. */
const controls = 'button:not(.white,.black,.pad),a,summary,[role=button],input,dialog *';

/**
 * The computer's keyboard plays one device, unless the focus is in a text field: letters are keys,
 * Z and X shift the octave, and the space bar is the pedal.
 */
export function ComputerKeys({
  find,
  isAlways = false,
}: {
  find: () => Device | undefined;
  /** Whether it plays without a session, too. */
  isAlways?: boolean;
}) {
  const current = useRef({ find, isAlways });
  current.current = { find, isAlways };
  useEffect(() => {
    const held = new Map<string, { device: Device; pitch: number }>();
    let pedalOf: Device | undefined;
    const isPedal = ({ code, target }: KeyboardEvent) =>
      code === 'Space' && !(target as Element).closest?.(controls);
    const press = (event: KeyboardEvent) => {
      const isWriting = (event.target as Element).closest?.(writing);
      if (event.ctrlKey || event.metaKey || event.altKey || isWriting) return;
      const { find, isAlways } = current.current; // it may have changed since the last key
      const device = find();
      if (!device || !(device.session.value || isAlways)) return;
      // Neither scrolls the page nor clicks the key that has the focus.
      if (isPedal(event)) event.preventDefault();
      if (event.repeat || held.has(event.code)) return;
      if (isPedal(event)) {
        pedalOf = device;
        return device.pedal.move(true);
      }
      const shift = { KeyZ: -1, KeyX: 1 }[event.code];
      if (shift !== undefined) return device.shiftOctave(shift);
      const instrument = device.instrument.value;
      const isDrums = instrument === 'drums';
      const step = stepOf(event.code, isDrums);
      if (step === undefined) return;
      const pitch = isDrums ? pads[step]!.pitch : lowestFor(instrument, device.octave.value) + step;
      held.set(event.code, { device, pitch });
      device.play({ pitch, velocity: 0.8, isOn: true });
    };
    const release = ({ code }: { code: string }) => {
      const note = held.get(code);
      if (!note) return;
      held.delete(code);
      note.device.play({ pitch: note.pitch, velocity: 0, isOn: false });
    };
    // The release of a key in another window is not reported here.
    const releaseAll = () => {
      for (const code of held.keys()) release({ code });
      releasePedal();
    };
    const releasePedal = () => {
      pedalOf?.pedal.move(false);
      pedalOf = undefined;
    };
    const lift = (event: KeyboardEvent) => {
      // Otherwise a button that has the focus would be pressed, too.
      if (pedalOf && isPedal(event)) event.preventDefault();
      if (event.code === 'Space') releasePedal();
      else release(event);
    };
    addEventListener('keydown', press);
    addEventListener('keyup', lift);
    addEventListener('blur', releaseAll);
    return () => {
      releaseAll();
      removeEventListener('keydown', press);
      removeEventListener('keyup', lift);
      removeEventListener('blur', releaseAll);
    };
  }, []);
  return null;
}
