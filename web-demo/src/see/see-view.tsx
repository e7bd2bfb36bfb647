import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { Session } from '../jam/device';
import { Chart } from './chart';
import { Inspector } from './inspector';
import { Recording } from './recording';
import { ServerState } from './server-state';
import { TraceFiles } from './trace-files';
import { Walk } from './walk';

interface SeeProps {
  walk: Walk;
  /** What a device knows of its session, where there is no server to look into. */
  session?: Session | undefined;
  time?: ComponentChildren;
}

/** What crosses the wire, and what the server makes of it. */
export function See({ walk: own, session, time }: SeeProps) {
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
          <ServerState state={walk.state.value} session={session} position={walk.position.value} />
          <Inspector message={walk.selected.value} lanes={walk.feed.lanes} />
        </div>
      </div>
    </section>
  );
}
