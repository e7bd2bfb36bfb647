import { useEffect, useState } from 'preact/hooks';
import { invitationTo } from './invitation';

/** The ways in which a code gets to others. */
export function Share({ code }: { code: string }) {
  const [said, setSaid] = useState('');
  const [qr, setQr] = useState<QrPicture | undefined>();
  const [isShown, setIsShown] = useState(false);
  const link = invitationTo(code);
  useEffect(() => {
    if (isShown) void draw(link).then(setQr);
  }, [isShown, link]);
  const share = async () => {
    try {
      if (typeof navigator.share === 'function')
        return await navigator.share({ title: 'Jam with me', url: link });
      await navigator.clipboard.writeText(link);
      setSaid('The link is copied.');
    } catch {
      setSaid(link);
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
      {isShown && (
        <div class="qr">
          {qr && (
            <svg viewBox={`0 0 ${qr.size} ${qr.size}`} role="img" aria-label={`QR code of ${link}`}>
              <path d={qr.path} />
            </svg>
          )}
          <p>
            Point a camera at it, or open <strong>{link.replace(/^https?:\/\//, '')}</strong>
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
