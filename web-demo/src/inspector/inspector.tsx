import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { LiveInspection } from '../jam/live-inspection';
import { Chart } from './chart';
import { MessageDetails } from './message-details';
import { ClientStateView } from './client-state';
import { Recording } from '../wire/recording';
import { ServerState } from './server-state';
import { TraceFiles } from './trace-files';
import { TraceCursor } from '../wire/trace-cursor';

interface InspectorProps {
  cursor: TraceCursor;
  /** For a remote server: the page knows only the messages of its own device. */
  live?: LiveInspection;
  time?: ComponentChildren;
}

/** The messages, one of them in detail, and the state that they led to. */
export function Inspector({ cursor: own, live, time }: InspectorProps) {
  const [loaded, setLoaded] = useState<TraceCursor | undefined>();
  const cursor = loaded ?? own;
  const open = (text: string) => {
    loaded?.stop();
    setLoaded(new TraceCursor(Recording.of(text)));
  };
  return (
    <section class="inspector" aria-label="Inspector">
      <div class="inspector-head">
        <h2>{loaded ? 'Loaded trace' : 'Messages'}</h2>
        {!loaded && time}
        <TraceFiles
          cursor={cursor}
          onOpen={open}
          onBack={loaded && (() => (loaded.stop(), setLoaded(undefined)))}
        />
      </div>
      <div class="inspector-body">
        <Chart cursor={cursor} />
        <div class="inspector-side">
          <MessageDetails message={cursor.selected.value} lanes={cursor.log.lanes} />
          {live && !loaded ? <ClientStateView live={live} /> : <ServerState cursor={cursor} />}
        </div>
      </div>
    </section>
  );
}
