import { useEffect, useState } from 'preact/hooks';

interface QrPicture {
  size: number;
  path: string;
}

export function QrCode({ text }: { text: string }) {
  const [picture, setPicture] = useState<QrPicture | undefined>();
  useEffect(() => {
    // Without the code the link is still there as text.
    draw(text).then(setPicture, () => setPicture(undefined));
  }, [text]);
  return (
    <div class="qr">
      {picture && (
        <svg
          viewBox={`0 0 ${picture.size} ${picture.size}`}
          role="img"
          aria-label={`QR code of ${text}`}
        >
          <path d={picture.path} />
        </svg>
      )}
    </div>
  );
}

async function draw(text: string): Promise<QrPicture> {
  const { encode } = await import('uqr');
  const { data, size } = encode(text, { border: 2 });
  const squares = data.flatMap((row, y) =>
    row.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : '')),
  );
  return { size, path: squares.join('') };
}
