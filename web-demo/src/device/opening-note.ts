import { effect, type ReadonlySignal } from '@preact/signals';

/** The note by which a musician enters a session. The others hear it once the server has answered. */
export interface OpeningNote {
  pitch: number;
  velocity: number;
  /** How long it sounded, in milliseconds; undefined while it does. */
  lastedMs: number | undefined;
}

/** Follows a note that sounds now until it ends. */
export function followOpening(
  sounding: ReadonlySignal<readonly { pitch: number }[]>,
  { pitch, velocity }: { pitch: number; velocity: number },
): OpeningNote {
  const note: OpeningNote = { pitch, velocity, lastedMs: undefined };
  const struckAt = performance.now();
  const forget = effect(() => {
    if (note.lastedMs !== undefined || sounding.value.some((one) => one.pitch === pitch)) return;
    note.lastedMs = performance.now() - struckAt;
    queueMicrotask(() => forget());
  });
  return note;
}
