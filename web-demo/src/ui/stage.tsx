import { useEffect, useRef, useState } from 'preact/hooks';
import type { LiveJam } from '../jam/live-jam';
import { invitation } from './address';
import { Brand } from './brand';
import { InstrumentChoice } from './instrument-choice';
import { InvitationCard } from './invitation-card';
import { Keys } from './keys';
import { later } from './later';
import { Lobby } from './lobby';
import { Menu } from './menu';
import { MidiButton } from './midi-button';
import { Notices } from './notices';
import { Offer } from './offer';
import { Pads } from './pads';
import { Participants } from './participants';
import { ScoreView } from './score-view';
import { StatusLine } from './status-line';
import { Touch } from './touch';

const KeepSheet = later(() => import('./keep-sheet').then((one) => one.KeepSheet));
const ShareSheet = later(() => import('./share-sheet').then((one) => one.ShareSheet));

interface StageProps {
  live: LiveJam;
  onTab: () => void;
  isDrawerOpen: boolean;
  onDrawer: () => void;
}

/** The device of *Live*: as large as the screen, its keys at the bottom. */
export function Stage({ live, onTab, isDrawerOpen, onDrawer }: StageProps) {
  const { device } = live;
  const session = device.session.value;
  const isInSession = session !== undefined;
  const isConnected = device.connection.value === 'connected';
  const [isSharing, setIsSharing] = useState(false);
  const [isKeeping, setIsKeeping] = useState(false);
  const stage = useFocusKept(isInSession);
  const isDrummer = device.instrument.value === 'drums';
  // The seat is about to be there again, or only the user can take it back.
  const isAwaited = device.resuming.value !== '' || device.connection.value === 'elsewhere';
  const hasOffer = device.remark.value?.offer !== undefined;
  return (
    <article
      ref={stage}
      class={`device stage person-${device.colourOf(device.selfId.value)} ${isInSession ? 'playing' : ''} ${isInSession && !isConnected ? 'unheard' : ''}`}
      aria-label="Your device"
    >
      <header class="stage-head">
        <h1>
          <Brand />
        </h1>
        {session && (
          <>
            <p class="code" tabIndex={-1}>
              <span class="visually-hidden">Session code </span>
              {session.code}
            </p>
            <button type="button" onClick={() => setIsSharing(true)}>
              Share
            </button>
            <button type="button" disabled={!isConnected} onClick={() => device.leave()}>
              Leave
            </button>
          </>
        )}
        <Menu
          onKeep={() => setIsKeeping(true)}
          onTab={onTab}
          isDrawerOpen={isDrawerOpen}
          onDrawer={onDrawer}
        />
      </header>
      {session && (
        <Participants device={device} session={session} ownLatency={live.latency.own.value} />
      )}
      <StatusLine device={device} />
      <div class="stage-middle">
        <ScoreView score={live.score} />
        {session && (
          <Notices device={device} session={session} onShare={() => setIsSharing(true)} />
        )}
        {!session && (
          <div class="entrance">
            <Offer device={device} />
            {!isAwaited && invitation.value.code && <InvitationCard device={device} />}
            {!isAwaited && !invitation.value.code && (
              <Lobby device={device} suggestedCode="" isMain={!hasOffer} hasInstruments={false} />
            )}
          </div>
        )}
      </div>
      <div class="stage-tools">
        <InstrumentChoice device={device} />
        <Touch device={device} />
        <MidiButton device={device} />
      </div>
      {isDrummer ? <Pads device={device} /> : <Keys device={device} />}
      {session && isSharing && (
        <ShareSheet
          code={session.code}
          from={device.name.value.trim()}
          onClose={() => setIsSharing(false)}
        />
      )}
      {isKeeping && <KeepSheet source={() => live.source} onClose={() => setIsKeeping(false)} />}
    </article>
  );
}

/** Keeps the keyboard's focus on the stage when the button that was pressed is gone. */
function useFocusKept(isInSession: boolean) {
  const stage = useRef<HTMLElement>(null);
  const wasInSession = useRef(isInSession);
  useEffect(() => {
    const hasChanged = wasInSession.current !== isInSession;
    wasInSession.current = isInSession;
    if (!hasChanged || document.activeElement !== document.body) return;
    const next = isInSession ? '.code' : '.offer button, .doors button';
    stage.current?.querySelector<HTMLElement>(next)?.focus();
  }, [isInSession]);
  return stage;
}
