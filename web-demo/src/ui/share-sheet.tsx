import { useEffect, useRef, useState } from 'preact/hooks';
import { fetchNetworkOrigins } from '../server/network-origins';
import { isLoopback, linkTo } from './address';
import { QrCode } from './qr-code';

/** Shares the link to a session: by the system, the clipboard, or a QR code. */
export function ShareSheet({
  code,
  from,
  onClose,
}: {
  code: string;
  /** The name of who invites. */
  from: string;
  onClose: () => void;
}) {
  const sheet = useRef<HTMLDialogElement>(null);
  const [said, setSaid] = useState('');
  const origins = useOrigins();
  const [at, setAt] = useState(0);
  const link = linkTo(code, from, origins?.[at]);
  useEffect(() => sheet.current!.showModal(), []);
  const share = async () => {
    try {
      if (typeof navigator.share === 'function') {
        const text = `${from || 'A friend'} invites you to a jam in ${code}.`;
        return await navigator.share({ title: `Jam in ${code}`, text, url: link });
      }
      await navigator.clipboard.writeText(link);
      setSaid('Link copied.');
    } catch (error) {
      // The user closed the system's menu: not an error.
      if ((error as Error).name !== 'AbortError') setSaid(link);
    }
  };
  return (
    <dialog ref={sheet} class="question share" aria-labelledby="share-title" onClose={onClose}>
      <h2 id="share-title">Invite others to {code}</h2>
      {origins?.length === 0 && (
        <p class="loopback">
          <strong>{location.host}</strong> works on this machine only, and the server knows no
          address in your network: it listens on the loopback, or there is no network. Start it with{' '}
          <code>--host ::</code> and open the page at an address that it prints.
        </p>
      )}
      {origins && origins.length > 0 && (
        <>
          <QrCode text={link} />
          <p class="link">
            Scan the code, or open <strong>{link.replace(/^https?:\/\//, '')}</strong>
          </p>
        </>
      )}
      {origins && origins.length > 1 && (
        <label class="field">
          <span>Address</span>
          <select value={at} onChange={(event) => setAt(Number(event.currentTarget.value))}>
            {origins.map((origin, index) => (
              <option key={origin} value={index}>
                {origin}
              </option>
            ))}
          </select>
        </label>
      )}
      <div class="answers">
        <button type="button" class="primary" onClick={() => void share()}>
          Share the link
        </button>
        <button type="button" onClick={onClose}>
          Close
        </button>
        <span class="said" role="status">
          {said}
        </span>
      </div>
    </dialog>
  );
}

/** The origins at which others can open this page; undefined while they are not known. */
function useOrigins(): readonly string[] | undefined {
  const [origins, setOrigins] = useState(isLoopback ? undefined : [location.origin]);
  useEffect(() => {
    if (isLoopback) void fetchNetworkOrigins().then(setOrigins);
  }, []);
  return origins;
}
