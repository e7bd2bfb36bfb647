import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Device } from '../device/device';
import { Lobby } from './lobby';
import { Offer } from './offer';
import { SessionView } from './session-view';
import { StatusLine } from './status-line';

interface DeviceCardProps {
  device: Device;
  suggestedCode: string | undefined;
  isActive: boolean;
  onActive: () => void;
  onRemove?: (() => void) | undefined;
  children?: ComponentChildren;
}

export function DeviceCard({
  device,
  suggestedCode,
  isActive,
  onActive,
  onRemove,
  children,
}: DeviceCardProps) {
  const card = useRef<HTMLElement>(null);
  const isInSession = device.session.value !== undefined;
  // The seat is about to be there again, or only the user can take it back.
  const isAwaited = device.resuming.value !== '' || device.connection.value === 'elsewhere';
  const wasInSession = useRef(isInSession);
  useEffect(() => {
    const hasChanged = wasInSession.current !== isInSession;
    wasInSession.current = isInSession;
    // The button that was pressed is gone: keep the keyboard focus in this card.
    if (!hasChanged || !isActive || document.activeElement !== document.body) return;
    const next = isInSession ? '.code' : '.offer button, .doors button';
    card.current?.querySelector<HTMLElement>(next)?.focus();
  }, [isInSession, isActive]);
  const title = device.name.value.trim() || 'Your device';
  return (
    <article
      ref={card}
      class={`device ${device.isRobot ? 'robot' : 'player'} person-${device.colourOf(device.selfId.value)} ${device.session.value ? 'playing' : ''} ${isActive ? 'active' : ''}`}
      aria-label={`${title}’s device`}
    >
      <header class="device-head">
        <h2>
          <bdi>{title}</bdi>
          {device.isRobot && <span class="tag">robot</span>}
        </h2>
        {isActive && <span class="tag ear">you hear this device</span>}
        {!isActive && (
          <button type="button" class="quiet ear" aria-label={`Listen on ${title}’s device`} onClick={onActive}>
            Listen
          </button>
        )}
        {onRemove && (
          <button type="button" class="quiet" aria-label={`Remove ${title}`} onClick={onRemove}>
            ✕
          </button>
        )}
      </header>
      <StatusLine device={device} />
      {/* Playing on a device also listens to it; using a robot or its connection settings does not. */}
      <div
        class="player-part"
        onPointerDown={device.isRobot ? undefined : onActive}
        onFocusIn={device.isRobot ? undefined : onActive}
      >
        <Offer device={device} />
        {device.session.value && (
          <SessionView device={device} session={device.session.value} />
        )}
        {!device.session.value && !isAwaited && (
          <Lobby device={device} suggestedCode={suggestedCode} isMain={false} />
        )}
      </div>
      {children}
    </article>
  );
}
