import type { Signal } from '@preact/signals';
import { signal } from '@preact/signals';
import type { Instrument } from '../music/instruments';
import { instruments } from '../music/instruments';
import { Score } from '../music/score';
import { sound } from '../music/sound';
import { Recording } from '../see/recording';
import { Walk } from '../see/walk';
import { Device } from './device';
import { Robot } from './robot';
import type { Link, Server } from './tab-server';
import { wayOver } from './tab-server';
import { Time } from './time';

/** A device on the stage, and its link to the server in this tab. */
export interface Place {
  device: Device;
  link: Link;
  latency: Signal<number>;
  jitter: Signal<number>;
  isPlugged: Signal<boolean>;
}

const names = [
  'Ada',
  'Ben',
  'Cleo',
  'Dan',
  'Eve',
  'Finn',
  'Gia',
  'Hugo',
  'Ida',
  'Jon',
  'Kim',
  'Leo',
];
const robotNames = ['Robo Bop', 'Robo Low', 'Robo Keys', 'Robo Wave'];
const robotInstruments: Instrument[] = ['drums', 'bass', 'piano', 'synth'];
/** One more than a session holds, so that one can see it refuse. */
const mostDevices = 11;

/** All of *This tab*: the server, its time, and the devices that play on it. */
export class Stage {
  readonly places = signal<readonly Place[]>([]);
  /** Whose loudspeaker one hears; whose keys the computer's keys are. */
  readonly active = signal('');
  readonly recording = new Recording();
  readonly walk: Walk;
  readonly time: Time;
  /** What one hears. */
  readonly score: Score;

  #server: Server;
  #robots = new Map<Device, Robot>();
  #made = 0;
  #robotsMade = 0;

  constructor(server: Server) {
    this.#server = server;
    for (const line of server.trace) this.recording.push(line);
    server.onTrace((line) => this.recording.push(line));
    this.walk = new Walk(this.recording, () => server.snapshot());
    this.score = new Score(() => server.now);
    this.time = new Time(server, (now) => this.#robots.forEach((robot) => robot.tick(now)));
  }

  get hasRoom(): boolean {
    return this.places.value.length < mostDevices;
  }

  get activeDevice(): Device | undefined {
    return this.places.value.find(({ device }) => device.key === this.active.value)?.device;
  }

  /** The code of a session that is going on. */
  get code(): string | undefined {
    return this.places.value.find(({ device }) => device.session.value)?.device.session.value?.code;
  }

  addDevice(): Place {
    const name = names[this.#made % names.length]!;
    const place = this.#add(name, instruments[(this.#made + 1) % instruments.length]!, false);
    ++this.#made;
    this.active.value ||= place.device.key;
    return place;
  }

  /** Adds a robot, which joins the session there is, or makes one. */
  addRobot(): void {
    const made = this.#robotsMade++;
    const at = made % robotNames.length;
    // The address tells the devices apart on the wire.
    const name =
      robotNames[at]! + (made > at ? ` ${Math.floor(made / robotNames.length) + 1}` : '');
    const { device } = this.#add(name, robotInstruments[at]!, true);
    this.#robots.set(device, new Robot(device));
    const { code } = this;
    if (code) device.join(code);
    else device.create();
  }

  /** A whole jam with one press. */
  startJam(): void {
    const place = this.places.value.find(({ device }) => !device.isRobot) ?? this.addDevice();
    const { device } = place;
    this.active.value = device.key;
    if (!device.session.value) device.create();
    const forget = device.session.subscribe((session) => {
      if (!session) return;
      queueMicrotask(() => forget());
      for (let count = 0; count < 3; ++count) this.addRobot();
    });
  }

  dismissRobots(): void {
    for (const place of this.places.value) if (place.device.isRobot) this.remove(place);
  }

  remove({ device }: Place): void {
    device.close();
    this.#robots.delete(device);
    this.places.value = this.places.value.filter((place) => place.device !== device);
    if (this.active.value === device.key)
      this.active.value = this.places.value[0]?.device.key ?? '';
  }

  plug(place: Place, isPlugged: boolean): void {
    place.isPlugged.value = isPlugged;
    if (isPlugged) return place.link.plug();
    place.link.unplug();
    // A browser hears from its system at once that the cable is out.
    place.link.drop();
  }

  async step(): Promise<void> {
    const { messages } = this.recording;
    const before = messages.length;
    await this.time.step(() => messages.length > before);
  }

  close(): void {
    this.time.stop();
    this.walk.stop();
    for (const { device } of this.places.value) device.close();
    void this.#server.close();
  }

  #add(name: string, instrument: Instrument, isRobot: boolean): Place {
    const key = `device-${this.#made + this.#robotsMade}-${isRobot ? 'robot' : 'player'}`;
    const latency = 20 + 10 * (this.places.value.length % 4);
    const link = this.#server.createLink({ name, latencyMs: latency, jitterMs: 5 });
    const device = new Device(key, wayOver(link), isRobot);
    device.name.value = name;
    device.instrument.value = instrument;
    device.onPlayed = (played) => {
      if (this.active.value !== key) return;
      sound(played);
      this.score.hear(played);
    };
    const place: Place = {
      device,
      link,
      latency: signal(latency),
      jitter: signal(5),
      isPlugged: signal(true),
    };
    this.places.value = [...this.places.value, place];
    return place;
  }
}
