import { signal } from '@preact/signals';
import { sound } from '../music/sound';
import { Feed } from '../see/feed';
import { tap } from '../see/tap';
import { Walk } from '../see/walk';
import { Device } from './device';
import { wayToOrigin } from './way';

/** All of *Live*: one device, and the server that served the page. */
export class Live {
  readonly device = new Device('device-live', wayToOrigin());
  readonly feed = new Feed();
  readonly walk = new Walk(this.feed);
  /** Which build the server is of. */
  readonly build = signal('');

  #forget: () => void;

  constructor() {
    this.device.onPlayed = sound;
    this.device.name.value = recall();
    this.#forget = this.device.name.subscribe(remember);
    tap(this.device.socket, this.feed, this.feed.laneNamed('You'));
    this.device.socket.on('connect', () => void this.#askForBuild());
  }

  close(): void {
    this.#forget();
    this.walk.stop();
    this.device.close();
  }

  async #askForBuild(): Promise<void> {
    try {
      const { version } = (await (await fetch('/healthz')).json()) as { version: string };
      const isSame = version === __DOWNBEAT_BUILD__.version;
      this.build.value = `Server ${version}; this page has ${__DOWNBEAT_BUILD__.version} inside: ${
        isSame ? 'the same version' : 'another version'
      }.`;
    } catch {
      this.build.value = '';
    }
  }
}

const key = 'downbeat-name';

function recall(): string {
  try {
    return localStorage.getItem(key) ?? '';
  } catch {
    return ''; // some pages have no storage
  }
}

function remember(name: string): void {
  try {
    localStorage.setItem(key, name);
  } catch {
    // Then it is typed again next time.
  }
}
