import { computed } from '@preact/signals';
import type { JamSource } from '../keep/keep';
import { Score } from '../music/score';
import { sound } from '../music/sound';
import { MessageLog } from '../wire/message-log';
import { ClientStateModel } from '../wire/client-state-model';
import { wiretap } from '../wire/wiretap';
import { Device } from '../device/device';
import { LatencyMeter } from '../device/latency-meter';
import { madeUpName } from '../device/made-up-name';
import { longestName } from '../device/names';
import { isPresent } from '../device/session';
import { beginWithHttpAfterFailure, optionsForOrigin } from '../server/connect-options';
import type { SeatStore } from '../server/seat-store';
import { WallClock } from '../server/wall-clock';

/** The jam in *Live*: one device, and the server that served the page. */
export class LiveJam {
  readonly device: Device;
  readonly log = new MessageLog();
  /** The states of the device that follow from the messages. */
  readonly states = new ClientStateModel(this.log);
  readonly score = new Score(() => performance.now());
  readonly latency: LatencyMeter;

  constructor(seats: SeatStore) {
    const clock = new WallClock();
    this.device = new Device('device-live', optionsForOrigin(seats), { clock, seats });
    this.device.onPlayed = (played) => {
      sound(played);
      this.score.hear(played);
    };
    this.latency = new LatencyMeter(this.device);
    this.device.name.value = loadName() || madeUpName();
    this.device.name.subscribe(saveName);
    const { session } = this.device;
    clock.runWhile(() => session.value?.participants.every(isPresent) === false);
    // Measured at once in a session, and when somebody comes or goes: so that newcomers are told, too.
    const size = computed(() => {
      const { code = '', participants = [] } = session.value ?? {};
      return code && `${code} ${participants.filter(isPresent).length} of ${participants.length}`;
    });
    size.subscribe((one) => one && this.latency.measure());
    beginWithHttpAfterFailure(this.device.socket);
    const { own } = this.latency;
    wiretap(this.device.socket, this.log, this.log.laneNamed('You'), () => own.peek());
  }

  /** For keeping what this device has played and received. */
  get source(): JamSource {
    const session = this.device.session.value;
    const own = session && { ...session, selfId: this.device.selfId.value };
    return { messages: this.log.messages, own };
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
