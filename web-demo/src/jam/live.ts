import { computed } from '@preact/signals';
import { Score } from '../music/score';
import { sound } from '../music/sound';
import { Feed } from '../see/feed';
import { Knower } from '../see/knowledge';
import { tap } from '../see/tap';
import { Walk } from '../see/walk';
import { compareBuilds } from './build';
import { Device } from './device';
import { FiguresOfServer } from './figures';
import { wayToOrigin } from './way';

/** All of *Live*: one device, and the server that served the page. */
export class Live {
  readonly device = new Device('device-live', wayToOrigin());
  readonly feed = new Feed();
  readonly walk = new Walk(this.feed);
  readonly score = new Score(() => performance.now());
  readonly figures = new FiguresOfServer();
  /** Whether the server is of this page's build. */
  readonly comparison = computed(() => {
    const figures = this.figures.latest.value;
    return figures && compareBuilds(figures.build);
  });
  /** What this device knew of the server where one looks. */
  readonly knowledge = computed(() => {
    void this.feed.version.value;
    return this.#knower.after(this.walk.position.value ?? this.feed.messages.length);
  });

  #knower = new Knower(this.feed.messages);
  #forget: () => void;

  constructor() {
    this.device.onPlayed = (played) => {
      sound(played);
      this.score.hear(played);
    };
    this.device.name.value = recall();
    this.#forget = this.device.name.subscribe(remember);
    tap(this.device.socket, this.feed, this.feed.laneNamed('You'));
    this.device.socket.on('connect', () => this.figures.setConnected(true));
    this.device.socket.on('disconnect', () => this.figures.setConnected(false));
  }

  close(): void {
    this.#forget();
    this.figures.setConnected(false);
    this.walk.stop();
    this.device.close();
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
