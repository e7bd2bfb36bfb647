import { useRef, useState } from 'preact/hooks';
import { saveFile } from '../keep/save-file';
import type { Recording } from '../wire/recording';
import { shareableTrace } from '../wire/shareable-trace';
import type { TraceCursor } from '../wire/trace-cursor';

interface TraceFilesProps {
  cursor: TraceCursor;
  onOpen: (text: string) => void;
  onBack?: (() => void) | undefined;
}

/** Saves, loads and verifies traces. */
export function TraceFiles({ cursor, onOpen, onBack }: TraceFilesProps) {
  const [trouble, setTrouble] = useState('');
  const [isSaving, setIsSaving] = useState(false);
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
  const verdict = trouble || cursor.trouble.value || cursor.verdict.value;
  return (
    <div class="files">
      {cursor.canReplay && (
        <>
          <button type="button" class="verify" onClick={() => void cursor.verify()}>
            Verify
          </button>
          <button
            type="button"
            disabled={isSaving}
            onClick={() => {
              setIsSaving(true);
              void save(cursor.log as Recording).finally(() => setIsSaving(false));
            }}
          >
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
          Close loaded trace
        </button>
      )}
      <p class={`verdict ${verdictKind(cursor, trouble)}`} role="status">
        {verdict}
      </p>
    </div>
  );
}

function verdictKind(cursor: TraceCursor, trouble: string): string {
  if (trouble || cursor.trouble.value || cursor.isVerified.value === false) return 'bad';
  return cursor.isVerified.value ? 'good' : '';
}

async function save(recording: Recording): Promise<void> {
  saveFile('downbeat.trace', await shareableTrace(recording));
}
