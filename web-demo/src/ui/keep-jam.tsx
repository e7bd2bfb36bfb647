import { useState } from 'preact/hooks';
import { hasLinks, type JamLink, linkTo } from '../keep/jam-link';
import { type KeptJam, lengthOf, namesOf, writeJam } from '../keep/kept-jam';
import { saveFile } from '../keep/save-file';
import { spanOf } from './span';

/** A link for one's own browser, which takes longer ones than messengers do. */
const mostOwnLetters = 60_000;

const playerPage = () => new URL('jam.html', location.href.replace(/[?#].*/, '')).href;

interface Kept {
  jam: KeptJam;
  /** To share, and to listen to at once. */
  links: { share: JamLink; listen: JamLink } | undefined;
}

/** Keeps what was played so far, as a file and as a link that has it in itself. */
export function KeepJam({ read }: { read: () => KeptJam | undefined }) {
  const [kept, setKept] = useState<Kept | undefined>();
  const [said, setSaid] = useState('');
  const keep = async () => {
    setSaid('');
    try {
      const jam = read();
      if (!jam || jam.notes.length === 0) {
        setKept(undefined);
        return setSaid('Nothing has been played yet.');
      }
      setKept({ jam, links: hasLinks ? await linksTo(jam) : undefined });
    } catch {
      setKept(undefined);
      setSaid('What was played cannot be read from these messages.');
    }
  };
  const share = async (url: string) => {
    try {
      if (typeof navigator.share === 'function')
        return await navigator.share({ title: 'Listen to our jam', url });
      await navigator.clipboard.writeText(url);
      setSaid('Link copied.');
    } catch (error) {
      // The user closed the system's menu: not an error.
      if ((error as Error).name !== 'AbortError') setSaid(url);
    }
  };
  return (
    <div class="keep">
      <button
        type="button"
        aria-expanded={kept !== undefined}
        onClick={() => (kept ? setKept(undefined) : void keep())}
      >
        Keep this jam
      </button>
      <span class="said" role="status">
        {said}
      </span>
      {kept && (
        <div class="kept" role="group" aria-label="Kept jam">
          <p>
            {spanOf(lengthOf(kept.jam))} of {namesOf(kept.jam)}, {kept.jam.notes.length} notes.{' '}
            {kept.links && <LinkHolds links={kept.links} jam={kept.jam} />}
          </p>
          <button type="button" onClick={() => saveFile('downbeat-jam.json', writeJam(kept.jam))}>
            Save the file
          </button>
          {kept.links && (
            <>
              <button type="button" onClick={() => void share(kept.links!.share.url)}>
                Share a link to it
              </button>
              <a href={kept.links.listen.url} target="_blank" rel="noreferrer">
                Listen
              </a>
            </>
          )}
        </div>
      )}
    </div>
  );
}

function LinkHolds({ links: { share }, jam }: { links: NonNullable<Kept['links']>; jam: KeptJam }) {
  const isWhole = share.jam.notes.length === jam.notes.length;
  return isWhole
    ? 'The link has all of it in itself; nothing is uploaded.'
    : `The link holds the last ${spanOf(lengthOf(share.jam))}, the file all of it; nothing is uploaded.`;
}

async function linksTo(jam: KeptJam): Promise<NonNullable<Kept['links']>> {
  const page = playerPage();
  const [share, listen] = await Promise.all([linkTo(jam, page), linkTo(jam, page, mostOwnLetters)]);
  return { share, listen };
}
