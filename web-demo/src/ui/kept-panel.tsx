import type { ComponentType } from 'preact';
import { useState } from 'preact/hooks';
import { type JamSource, keep } from '../keep/keep';
import { hasLinks, type JamLink, linkTo } from '../keep/jam-link';
import { type KeptJam, lengthOf, namesOf, writeJam } from '../keep/kept-jam';
import { saveFile } from '../keep/save-file';
import { spanOf } from './span';

/** A link for one's own browser, which takes longer ones than messengers do. */
const mostOwnLetters = 60_000;

interface Links {
  share: JamLink;
  /** To listen to at once. */
  listen: JamLink;
}

/** What was played so far, and what can be done with it; undefined if that is nothing. */
export async function keptPanel(source: JamSource): Promise<ComponentType | undefined> {
  const jam = keep(source);
  if (!jam || jam.notes.length === 0) return undefined;
  const links = hasLinks ? await linksTo(jam) : undefined;
  return () => <KeptPanel jam={jam} links={links} />;
}

function KeptPanel({ jam, links }: { jam: KeptJam; links: Links | undefined }) {
  const [said, setSaid] = useState('');
  return (
    <div class="kept" role="group" aria-label="Kept jam">
      <p>
        {spanOf(lengthOf(jam))} of {namesOf(jam)}, {jam.notes.length}{' '}
        {jam.notes.length === 1 ? 'note' : 'notes'}.{' '}
        {links && linkHolds(links, jam)}
      </p>
      <button type="button" onClick={() => saveFile('downbeat-jam.json', writeJam(jam))}>
        Save the file
      </button>
      {links && (
        <>
          <button type="button" onClick={() => void share(links.share.url).then(setSaid)}>
            Share a link to it
          </button>
          <a href={links.listen.url} target="_blank" rel="noreferrer">
            Listen
          </a>
        </>
      )}
      <span class="said" role="status">
        {said}
      </span>
    </div>
  );
}

function linkHolds({ share }: Links, jam: KeptJam): string {
  if (share.jam.notes.length === jam.notes.length)
    return 'The link has all of it in itself; nothing is uploaded.';
  const held = spanOf(lengthOf(share.jam));
  return `The link holds the last ${held}, the file all of it; nothing is uploaded.`;
}

/** Shares it by the system or the clipboard; returns what to say. */
async function share(url: string): Promise<string> {
  try {
    if (typeof navigator.share === 'function') {
      await navigator.share({ title: 'Listen to our jam', url });
      return '';
    }
    await navigator.clipboard.writeText(url);
    return 'Link copied.';
  } catch (error) {
    // The user closed the system's menu: not an error.
    return (error as Error).name === 'AbortError' ? '' : url;
  }
}

async function linksTo(jam: KeptJam): Promise<Links> {
  const page = new URL('/jam.html', location.href).href;
  const [share, listen] = await Promise.all([linkTo(jam, page), linkTo(jam, page, mostOwnLetters)]);
  return { share, listen };
}
