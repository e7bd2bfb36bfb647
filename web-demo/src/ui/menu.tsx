import { useEffect, useRef, useState } from 'preact/hooks';
import { midiRemark } from '../device/midi';
import { SoundButton, ThemeButton } from './tools';

interface MenuProps {
  onKeep: () => void;
  onTab: () => void;
  isDrawerOpen: boolean;
  onDrawer: () => void;
}

/** What one rarely needs while playing. */
export function Menu({ onKeep, onTab, isDrawerOpen, onDrawer }: MenuProps) {
  const [isOpen, setIsOpen] = useState(false);
  const menu = useRef<HTMLDivElement>(null);
  const opener = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!isOpen) return;
    const leave = (event: Event) => {
      if (!menu.current!.contains(event.target as Node)) setIsOpen(false);
    };
    const escape = ({ key }: KeyboardEvent) => {
      if (key !== 'Escape') return;
      setIsOpen(false);
      opener.current!.focus();
    };
    addEventListener('pointerdown', leave);
    addEventListener('keydown', escape);
    return () => {
      removeEventListener('pointerdown', leave);
      removeEventListener('keydown', escape);
    };
  }, [isOpen]);
  return (
    <div class="menu" ref={menu}>
      <button
        ref={opener}
        type="button"
        aria-expanded={isOpen}
        onClick={() => setIsOpen(!isOpen)}
      >
        Menu
      </button>
      {isOpen && (
        <div class="menu-items">
          <SoundButton />
          <ThemeButton />
          {midiRemark.value && <p class="hint">{midiRemark.value}</p>}
          <button
            type="button"
            class="quiet"
            onClick={() => {
              setIsOpen(false);
              onKeep();
            }}
          >
            Keep this jam
          </button>
          <button type="button" class="quiet" onClick={onTab}>
            This tab
          </button>
          <button
            type="button"
            class="quiet"
            aria-pressed={isDrawerOpen}
            onClick={() => {
              setIsOpen(false);
              onDrawer();
            }}
          >
            For developers
          </button>
        </div>
      )}
    </div>
  );
}
