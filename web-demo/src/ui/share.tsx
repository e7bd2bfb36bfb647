import { useEffect, useState } from 'preact/hooks';
import { isLoopback, linkTo } from './address';

/** Shares the link to a session: by the system, the clipboard, or a QR code. */
export function Share({ code }: { code: string }) {
  const [said, setSaid] = useState('');
  const [qr, setQr] = useState<QrPicture | undefined>();
  const [isShown, setIsShown] = useState(false);
  const link = linkTo(code);
  useEffect(() => {
    if (isShown && !isLoopback) void draw(link).then(setQr, () => setSaid(link));
  }, [isShown, link]);
  const share = async () => {
    try {
      if (typeof navigator.share === 'function')
        return await navigator.share({ title: `Jam with me in ${code}`, url: link });
      await navigator.clipboard.writeText(link);
      setSaid(isLoopback ? 'Link copied. It works on this machine only.' : 'Link copied.');
    } catch (error) {
      // The user closed the system's menu: not an error.
      if ((error as Error).name !== 'AbortError') setSaid(link);
    }
  };
  return (
    <div class="share">
      <button type="button" onClick={() => void share()}>
        Share the link
      </button>
      <button type="button" aria-expanded={isShown} onClick={() => setIsShown(!isShown)}>
        QR code
      </button>
      <span class="said" role="status">
        {said}
      </span>
      {isShown && isLoopback && (
        <p class="loopback">
          <strong>{location.host}</strong> works on this machine only, so a QR code of it is no use to
          others. Open this page at the machine’s address in your network, which the server prints
          when it starts (“On the network: http://…”), and share from there.
        </p>
      )}
      {isShown && !isLoopback && (
        <div class="qr">
          {qr && (
            <svg viewBox={`0 0 ${qr.size} ${qr.size}`} role="img" aria-label={`QR code of ${link}`}>
              <path d={qr.path} />
            </svg>
          )}
          <p>
            Scan the code, or open <strong>{link.replace(/^https?:\/\//, '')}</strong>
          </p>
        </div>
      )}
    </div>
  );
}

interface QrPicture {
  size: number;
  path: string;
}

async function draw(text: string): Promise<QrPicture> {
  const { encode } = await import('uqr');
  const { data, size } = encode(text, { border: 2 });
  const squares = data.flatMap((row, y) =>
    row.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : '')),
  );
  return { size, path: squares.join('') };
}
