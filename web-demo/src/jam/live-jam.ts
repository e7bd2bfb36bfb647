import { computed } from '@preact/signals';
import type { JamSource } from '../keep/keep';
import { Score } from '../music/score';
import { sound } from '../music/sound';
import { MessageLog } from '../wire/message-log';
import { ClientStateModel } from '../wire/client-state-model';
import { wiretap } from '../wire/wiretap';
import { TraceCursor } from '../wire/trace-cursor';
import { compareBuilds } from '../server/build';
import { Device } from '../device/device';
import { LatencyMeter } from '../device/latency-meter';
import { madeUpName } from '../device/made-up-name';
import { longestName } from '../device/names';
import { ServerMetricsPoller } from '../server/server-metrics';
import { isPresent } from '../device/session';
import { optionsForOrigin } from '../server/connect-options';
import type { SeatStore } from '../server/seat-store';
import { WallClock } from '../server/wall-clock';

/** The jam in *Live*: one device, and the server that served the page. */
export class LiveJam {
  readonly device: Device;
  readonly log = new MessageLog();
  readonly cursor = new TraceCursor(this.log);
  readonly score = new Score(() => performance.now());
  readonly latency: LatencyMeter;
  readonly metrics = new ServerMetricsPoller();
  /** Whether the server is of this page's build. */
  readonly comparison = computed(() => {
    const metrics = this.metrics.latest.value;
    return metrics?.build && compareBuilds(metrics.build);
  });
  /** The state of this device at the cursor. */
  readonly clientState = computed(() => {
    void this.log.version.value;
    return this.#model.after(this.cursor.end);
  });

  #model = new ClientStateModel(this.log);
  #forget: () => void;

  constructor(seats: SeatStore) {
    const clock = new WallClock();
    this.device = new Device('device-live', optionsForOrigin(seats), { clock, seats });
    this.device.onPlayed = (played) => {
      sound(played);
      this.score.hear(played);
    };
    this.latency = new LatencyMeter(this.device);
    this.device.name.value = loadName() || madeUpName();
    const forgetName = this.device.name.subscribe(saveName);
    // Not at each change of a name or an instrument: others can make as many of those as they like.
    const size = computed(() => {
      const session = this.device.session.value;
      if (!session) return undefined;
      const present = session.participants.filter(isPresent).length;
      return `${session.code} ${present} of ${session.participants.length}`;
    });
    const forgetClock = clock.runWhile(
      () => this.device.session.value?.participants.every(isPresent) === false,
    );
    const forgetSize = size.subscribe((one) => {
      this.metrics.outdate();
      if (one) this.latency.measure();
    });
    this.#forget = () => (forgetName(), forgetSize(), forgetClock());
    wiretap(this.device.socket, this.log, this.log.laneNamed('You'));
    this.device.socket.on('connect', () => this.metrics.setConnected(true));
    this.device.socket.on('disconnect', () => this.metrics.setConnected(false));
  }

  /** For keeping what this device has played and received. */
  get source(): JamSource {
    const session = this.device.session.value;
    const own = session && { ...session, selfId: this.device.selfId.value };
    return { messages: this.log.messages, own };
  }

  close(): void {
    this.#forget();
    this.latency.stop();
    this.metrics.setConnected(false);
    this.cursor.stop();
    this.device.close();
  }
}

const key = 'downbeat-name';

function loadName(): string {
  try {
    return (localStorage.getItem(key) ?? '').slice(0, longestName);
  } catch {
    return ''; // some pages have no storage
  }
}

function saveName(name: string): void {
  try {
    localStorage.setItem(key, name);
  } catch {
    // Without storage the user types it again next time.
  }
}
