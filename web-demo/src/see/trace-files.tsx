import { useRef, useState } from 'preact/hooks';
import type { Recording } from './recording';
import type { Walk } from './walk';

interface TraceFilesProps {
  walk: Walk;
  onOpen: (text: string) => void;
  onBack?: (() => void) | undefined;
}

/** Saves, loads and verifies traces. */
export function TraceFiles({ walk, onOpen, onBack }: TraceFilesProps) {
  const [trouble, setTrouble] = useState('');
  const input = useRef<HTMLInputElement>(null);
  const load = async (file: File | undefined) => {
    if (!file) return;
    try {
      onOpen(await file.text());
      setTrouble('');
    } catch (error) {
      setTrouble((error as Error).message);
    }
  };
  const verdict = trouble || walk.trouble.value || walk.verdict.value;
  return (
    <div class="files">
      {walk.canReplay && (
        <>
          <button type="button" class="verify" onClick={() => void walk.verify()}>
            Verify
          </button>
          <button type="button" onClick={() => save(walk.feed as Recording)}>
            Save trace
          </button>
        </>
      )}
      <button type="button" onClick={() => input.current?.click()}>
        Load trace
      </button>
      <input
        ref={input}
        class="visually-hidden"
        type="file"
        tabIndex={-1}
        aria-label="Trace file"
        onChange={(event) => {
          void load(event.currentTarget.files?.[0]);
          event.currentTarget.value = '';
        }}
      />
      {onBack && (
        <button type="button" onClick={onBack}>
          Close the loaded trace
        </button>
      )}
      <p class={`verdict ${verdictKind(walk, trouble)}`} role="status">
        {verdict}
      </p>
    </div>
  );
}

function verdictKind(walk: Walk, trouble: string): string {
  if (trouble || walk.trouble.value || walk.isVerified.value === false) return 'bad';
  return walk.isVerified.value ? 'good' : '';
}

function save(recording: Recording): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([`${recording.lines.join('\n')}\n`]));
  link.download = 'downbeat.trace';
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
