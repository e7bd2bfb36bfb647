import { computed } from '@preact/signals';
import { isPresent } from '../device/session';
import { compareBuilds } from '../server/build';
import { ServerMetricsPoller } from '../server/server-metrics';
import { TraceCursor } from '../wire/trace-cursor';
import type { LiveJam } from './live-jam';

/** What developers see of *Live*: its messages, its state at any of them, and figures of the server. */
export class LiveInspection {
  readonly cursor: TraceCursor;
  readonly metrics = new ServerMetricsPoller();
  /** Whether the server is of this page's build. */
  readonly comparison = computed(() => {
    const metrics = this.metrics.latest.value;
    return metrics?.build && compareBuilds(metrics.build);
  });
  /** The state of the device at the cursor. */
  readonly clientState = computed(() => {
    void this.live.log.version.value;
    return this.live.states.after(this.cursor.end);
  });
  #forget: () => void;

  constructor(readonly live: LiveJam) {
    this.cursor = new TraceCursor(live.log);
    const { connection, session } = live.device;
    // Not at each change of a name or an instrument: others can make as many of those as they like.
    const size = computed(() => {
      const { code, participants = [] } = session.value ?? {};
      return `${code} ${participants.filter(isPresent).length} of ${participants.length}`;
    });
    const forgetSize = size.subscribe(() => this.metrics.outdate());
    const isConnected = computed(() => connection.value === 'connected');
    const forgetConnection = isConnected.subscribe((is) => this.metrics.setConnected(is));
    this.#forget = () => (forgetConnection(), forgetSize());
  }

  close(): void {
    this.#forget();
    this.metrics.setConnected(false);
    this.cursor.stop();
  }
}
