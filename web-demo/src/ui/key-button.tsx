import { useRef } from 'preact/hooks';
import type { Device } from '../jam/device';

interface KeyButtonProps {
  device: Device;
  pitch: number;
  label: string;
  /** What is written on it, where it has room for that. */
  title?: string;
  /** The key of the computer that plays it, too. */
  print: string;
  class: string;
}

/** A key or a pad: for mouse, finger, pen, and for Enter. */
export function KeyButton({ device, pitch, label, title, print, class: kind }: KeyButtonProps) {
  // Mice and fingers that are on it. A finger enters and goes down in one, and leaves so, too.
  const pointers = useRef(new Set<number>());
  const press = (velocity = 0.8) => device.play({ pitch, velocity, isOn: true });
  const release = () => device.play({ pitch, velocity: 0, isOn: false });
  const arrive = (event: PointerEvent & { currentTarget: Element }) => {
    if (event.buttons !== 1 || pointers.current.has(event.pointerId)) return;
    pointers.current.add(event.pointerId);
    press(strengthOf(event));
  };
  const depart = ({ pointerId }: PointerEvent) => {
    if (pointers.current.delete(pointerId)) release();
  };
  // Whoever plays it, its light is theirs.
  const lit = device.sounding.value.find(
    (note) => note.pitch === pitch && (note.instrument === 'drums') === (kind === 'pad'),
  );
  return (
    <button
      type="button"
      class={`${kind} ${lit ? `lit ${lit.instrument}` : ''}`}
      aria-label={label}
      onPointerDown={(event) => {
        // Otherwise a finger would stay with the key that it touched first.
        event.currentTarget.releasePointerCapture(event.pointerId);
        arrive(event);
      }}
      onPointerEnter={arrive}
      onPointerUp={depart}
      onPointerCancel={depart}
      onPointerLeave={depart}
      onClick={(event) => {
        // From a keyboard or a screen reader: no pointer was there.
        if (event.detail !== 0) return;
        press();
        setTimeout(release, 250);
      }}
      onContextMenu={(event) => event.preventDefault()}
    >
      {title && <span aria-hidden="true">{title}</span>}
      <kbd aria-hidden="true">{print}</kbd>
    </button>
  );
}

/** Keys are struck softly near their hinge and hard near their edge. */
function strengthOf({ currentTarget, clientY }: PointerEvent & { currentTarget: Element }): number {
  const { top, height } = currentTarget.getBoundingClientRect();
  return Math.round((0.4 + (0.6 * (clientY - top)) / height) * 100) / 100;
}
