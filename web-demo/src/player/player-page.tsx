import { signal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { readFragment } from '../keep/jam-link';
import { type KeptJam, limits, namesOf, readJam } from '../keep/kept-jam';
import { PlayerView } from './player-view';

const jam = signal<KeptJam | undefined>(undefined);
const trouble = signal('');
let lastOpened = 0;

/** Shows what a link or a file has in it, or says what is wrong with that. */
async function open(read: () => Promise<KeptJam>): Promise<void> {
  trouble.value = '';
  const which = ++lastOpened;
  try {
    const opened = await read();
    if (which !== lastOpened) return;
    if (opened.notes.length === 0) throw new Error('Nobody plays in this jam.');
    jam.value = opened;
    document.title = `${namesOf(opened)} – Downbeat`;
  } catch (error) {
    if (which !== lastOpened) return;
    jam.value = undefined;
    trouble.value = (error as Error).message;
  }
}

function openAddress(): void {
  const fragment = location.hash.slice(1);
  if (fragment) void open(() => readFragment(fragment));
}

async function openFile(file: File | undefined): Promise<void> {
  if (!file) return;
  await open(async () => {
    // Before it is read: it may be larger than the memory.
    if (file.size > limits.letters * 2) throw new Error('This file is too large for a kept jam.');
    return readJam(await file.text());
  });
}

openAddress();
addEventListener('hashchange', openAddress);

/** The page on which kept jams are played. */
export function PlayerPage() {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <header class="header">
        <a class="brand" href="/">
          <svg viewBox="0 0 32 32" aria-hidden="true">
            <path d="M16 5v19M8 16l8 9 8-9" />
          </svg>
          <span>Downbeat</span>
        </a>
      </header>
      <main id="main">
        <section class="intro" aria-label="About this jam">
          <div>
            <h1>{jam.value ? <bdi>{namesOf(jam.value)}</bdi> : 'A jam that was kept'}</h1>
            <p>
              {jam.value
                ? 'They played this with Downbeat. It is in the link or the file itself; no server has it.'
                : 'Open a file that somebody has saved with “Keep this jam”.'}
            </p>
          </div>
        </section>
        <p class="trouble" role="alert">
          {trouble.value}
        </p>
        {jam.value && <PlayerView jam={jam.value} />}
        <div class="player-ways">
          <button type="button" onClick={() => input.current?.click()}>
            Open a file
          </button>
          <input
            ref={input}
            class="visually-hidden"
            type="file"
            tabIndex={-1}
            aria-label="File of a kept jam"
            onChange={(event) => {
              void openFile(event.currentTarget.files?.[0]);
              event.currentTarget.value = '';
            }}
          />
          <a href="/">Play with others yourself</a>
        </div>
      </main>
    </>
  );
}
