import { signal } from '@preact/signals';
import type { Device } from '../device/device';
import { isPresent } from '../device/session';
import type { ServerClock } from '../server/server-clock';

interface Step {
  /** In the server's time, after the step before it. */
  afterMs: number;
  /** What it also waits for. */
  until?: () => boolean;
  run: () => void;
}

/** What the first press shows by itself, within eight seconds: a seat outlasts a lost connection. */
export class FirstScene {
  /** What happens, in words; '' while nothing is shown. */
  readonly caption = signal('');

  #clock: ServerClock;
  #end: () => void = () => {};

  constructor(clock: ServerClock) {
    this.#clock = clock;
  }

  /** Plays it on a device that is about to be in a session with three robots. */
  play(device: Device, plug: (isPlugged: boolean) => void): void {
    this.skip();
    const steps = this.#script(device, plug);
    let last = this.#clock.read();
    const forget = this.#clock.now.subscribe((now) => {
      // One at a time: a tab that was hidden catches up, and nothing is left out.
      const [next] = steps;
      if (!next || now - last < next.afterMs || next.until?.() === false) return;
      steps.shift();
      last = now;
      next.run();
    });
    this.#end = () => {
      forget();
      this.#end = () => {};
      this.caption.value = '';
      for (const { pitch } of melody) this.#play(device, pitch, false);
      plug(true);
    };
  }

  /** Leaves everything as it was before: the user plays on. */
  skip(): void {
    this.#end();
  }

  #script(device: Device, plug: (isPlugged: boolean) => void): Step[] {
    const name = device.name.value.trim() || 'The musician';
    const others = () => device.session.value?.participants.filter(isPresent).length ?? 0;
    const say = (text: string) => (this.caption.value = text);
    const notes = melody.flatMap(({ pitch, afterMs }) => [
      { afterMs, run: () => this.#play(device, pitch, true) },
      { afterMs: 300, run: () => this.#play(device, pitch, false) },
    ]);
    return [
      { afterMs: 0, run: () => say(`${name} plays with three robots, over the server in this tab.`) },
      { afterMs: 0, until: () => others() > 3, run: () => {} },
      ...notes,
      {
        afterMs: 200,
        run: () => {
          plug(false);
          say(`${name}’s cable is pulled. The server keeps the seat, and the others play on.`);
        },
      },
      {
        afterMs: 2400,
        run: () => {
          plug(true);
          say(`The cable is in again: the client connects by itself, and shows what it knows.`);
        },
      },
      {
        afterMs: 300,
        until: () => device.connection.value === 'connected' && device.session.value !== undefined,
        run: () => say(`${name} is back in the same seat, with the same id. Pull a cable yourself.`),
      },
      { afterMs: 2200, run: () => this.skip() },
    ];
  }

  #play(device: Device, pitch: number, isOn: boolean): void {
    const isSounding = device.sounding.value.some(
      (each) => each.userId === device.selfId.value && each.pitch === pitch,
    );
    if (isOn !== isSounding) device.play({ pitch, velocity: isOn ? 0.6 : 0, isOn });
  }
}

/** Over the robots' first chord; each is held for 300 ms. */
const melody = [
  { pitch: 69, afterMs: 100 },
  { pitch: 72, afterMs: 200 },
  { pitch: 76, afterMs: 200 },
  { pitch: 74, afterMs: 200 },
];
