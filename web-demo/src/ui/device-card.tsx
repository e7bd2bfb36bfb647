import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Device } from '../jam/device';
import { Lobby } from './lobby';
import { SessionView } from './session-view';
import { statusOf } from './status';

interface DeviceCardProps {
  device: Device;
  suggestedCode: string | undefined;
  isActive: boolean;
  canShare?: boolean;
  onActive: () => void;
  onRemove?: (() => void) | undefined;
  children?: ComponentChildren;
}

export function DeviceCard({
  device,
  suggestedCode,
  isActive,
  canShare = false,
  onActive,
  onRemove,
  children,
}: DeviceCardProps) {
  const status = statusOf(device);
  const card = useRef<HTMLElement>(null);
  const isInSession = device.session.value !== undefined;
  const wasInSession = useRef(isInSession);
  useEffect(() => {
    const hasChanged = wasInSession.current !== isInSession;
    wasInSession.current = isInSession;
    // The button that was pressed is gone, and whoever has no mouse must not lose the place.
    if (!hasChanged || !isActive || document.activeElement !== document.body) return;
    card.current?.querySelector<HTMLElement>(isInSession ? '.code' : '.doors button')?.focus();
  }, [isInSession, isActive]);
  const title = device.name.value.trim() || 'Your device';
  return (
    <article
      ref={card}
      class={`device ${device.isRobot ? 'robot' : 'player'} ${device.instrument.value} ${isActive ? 'active' : ''}`}
      aria-label={`${title}’s device`}
      onPointerDown={onActive}
      onFocusIn={onActive}
    >
      <header class="device-head">
        <h2>
          {title}
          {device.isRobot && <span class="tag">robot</span>}
        </h2>
        {isActive && !canShare && <span class="tag ear">you hear this one</span>}
        {onRemove && (
          <button type="button" class="quiet" aria-label={`Remove ${title}`} onClick={onRemove}>
            ✕
          </button>
        )}
      </header>
      <p class={`status ${status.kind}`} role="status">
        <span class="lamp" aria-hidden="true" />
        <span>
          <strong>{status.title}</strong> {status.hint}
        </span>
      </p>
      {device.session.value ? (
        <SessionView device={device} session={device.session.value} canShare={canShare} />
      ) : (
        <Lobby device={device} suggestedCode={suggestedCode} isMain={canShare} />
      )}
      {children}
    </article>
  );
}
