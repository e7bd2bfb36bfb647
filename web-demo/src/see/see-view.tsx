import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { Live } from '../jam/live';
import { Chart } from './chart';
import { Inspector } from './inspector';
import { LiveState } from './live-state';
import { Recording } from './recording';
import { ServerState } from './server-state';
import { TraceFiles } from './trace-files';
import { Walk } from './walk';

interface SeeProps {
  walk: Walk;
  /** Across a network there is no server to look into, but what a device knows of it. */
  live?: Live;
  time?: ComponentChildren;
}

/** What crosses the wire, and what the server makes of it. */
export function See({ walk: own, live, time }: SeeProps) {
  const [loaded, setLoaded] = useState<Walk | undefined>();
  const walk = loaded ?? own;
  const open = (text: string) => {
    loaded?.stop();
    setLoaded(new Walk(Recording.of(text)));
  };
  return (
    <section class="see" aria-label="See it">
      <div class="see-head">
        <h2>{loaded ? 'A loaded trace' : 'On the wire'}</h2>
        {!loaded && time}
        <TraceFiles
          walk={walk}
          onOpen={open}
          onBack={loaded && (() => (loaded.stop(), setLoaded(undefined)))}
        />
      </div>
      <div class="see-body">
        <Chart walk={walk} />
        <div class="see-side">
          {live && !loaded ? <LiveState live={live} /> : <ServerState walk={walk} />}
          <Inspector message={walk.selected.value} lanes={walk.feed.lanes} />
        </div>
      </div>
    </section>
  );
}
