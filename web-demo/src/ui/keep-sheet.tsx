import { useEffect, useRef } from 'preact/hooks';
import type { JamSource } from '../keep/keep';
import { useKept } from './keep-jam';

/** What was played so far in *Live*, as a file and as a link. */
export function KeepSheet({ source, onClose }: { source: () => JamSource; onClose: () => void }) {
  const sheet = useRef<HTMLDialogElement>(null);
  const { Panel, said, keep } = useKept(source);
  useEffect(() => {
    sheet.current!.showModal();
    void keep();
  }, []);
  return (
    <dialog ref={sheet} class="question" aria-labelledby="keep-title" onClose={onClose}>
      <h2 id="keep-title">Keep this jam</h2>
      <p class="said" role="status">
        {said}
      </p>
      {Panel && <Panel />}
      <div class="answers">
        <button type="button" onClick={onClose}>
          Close
        </button>
      </div>
    </dialog>
  );
}
