import { useEffect, useRef } from 'preact/hooks';
import type { Device } from '../device/device';
import { stepOf } from '../music/computer-keys';
import { lowest, pads } from '../music/instruments';

const writing = 'input:not([type=range],[type=radio]),textarea,select';

/** The computer's keyboard plays one device, unless the focus is in a text field. */
export function ComputerKeys({ find }: { find: () => Device | undefined }) {
  const current = useRef(find);
  current.current = find;
  useEffect(() => {
    const held = new Map<string, { device: Device; pitch: number }>();
    const press = (event: KeyboardEvent) => {
      const isWriting = (event.target as Element).closest?.(writing);
      if (event.repeat || event.ctrlKey || event.metaKey || event.altKey || isWriting) return;
      const device = current.current(); // it may have changed since the last key
      if (!device?.session.value || held.has(event.code)) return;
      const instrument = device.instrument.value;
      const isDrums = instrument === 'drums';
      const step = stepOf(event.code, isDrums);
      if (step === undefined) return;
      const pitch = isDrums ? pads[step]!.pitch : lowest(instrument) + step;
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
    const releaseAll = () => [...held.keys()].forEach((code) => release({ code }));
    addEventListener('keydown', press);
    addEventListener('keyup', release);
    addEventListener('blur', releaseAll);
    return () => {
      releaseAll();
      removeEventListener('keydown', press);
      removeEventListener('keyup', release);
      removeEventListener('blur', releaseAll);
    };
  }, []);
  return null;
}
