import { useRef } from 'preact/hooks';
import type { Device } from '../device/device';

interface KeyButtonProps {
  device: Device;
  pitch: number;
  label: string;
  /** The label, shown if there is room. */
  title?: string;
  /** The key of the computer that plays it, too. */
  print: string;
  class: string;
}

/** A key or a pad: for mouse, finger, pen, and for Enter. */
export function KeyButton({ device, pitch, label, title, print, class: kind }: KeyButtonProps) {
  // Pointers on the key. A finger enters and presses at once, and releases and leaves at once.
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
  // Lit in the colour of who plays it.
  const lit = device.sounding.value.find(
    (note) => note.pitch === pitch && (note.instrument === 'drums') === (kind === 'pad'),
  );
  return (
    <button
      type="button"
      data-pitch={pitch}
      class={`${kind} ${lit ? `lit person-${device.colourOf(lit.userId)} ${strengthClass(lit.velocity)}` : ''}`}
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
        // A click without a pointer comes from a keyboard or a screen reader.
        if (event.detail !== 0) return;
        press();
        setTimeout(release, 250);
      }}
      onContextMenu={(event) => event.preventDefault()}
    >
      {title && <span aria-hidden="true">{title}</span>}
      {/* biome-ignore lint/a11y/noAriaHiddenOnFocusable: a kbd takes no focus */}
      <kbd aria-hidden="true">{print}</kbd>
    </button>
  );
}

/** Keys are struck softly near their hinge and hard near their edge. */
function strengthOf({ currentTarget, clientY }: PointerEvent & { currentTarget: Element }): number {
  const { top, height } = currentTarget.getBoundingClientRect();
  return Math.round((0.4 + (0.6 * (clientY - top)) / height) * 100) / 100;
}

/** How strongly a key is lit. */
function strengthClass(velocity: number): string {
  if (velocity < 0.5) return 'soft';
  return velocity < 0.75 ? 'medium' : 'hard';
}
