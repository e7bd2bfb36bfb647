import type { ReadonlySignal, Signal } from '@preact/signals';
import { effect, signal } from '@preact/signals';
import type { Instrument } from '../music/instruments';
import { instruments } from '../music/instruments';
import { Score } from '../music/score';
import { sound } from '../music/sound';
import { Recording } from '../wire/recording';
import { ClientTimes } from '../wire/client-times';
import { TraceCursor } from '../wire/trace-cursor';
import { Device } from '../device/device';
import { Robot } from '../device/robot';
import type { Link, Server, TabServer } from '../server/tab-server';
import { optionsForLink } from '../server/tab-server';
import type { TabJournal } from '../server/tab-journal';
import { TabSeat } from '../server/tab-seat';
import { FirstScene } from './first-scene';
import { ServerClock } from '../server/server-clock';
import { forgetDevices, type KeptDevice, readDevices, writeDevices } from './kept-devices';

/** A device, and its link to the server in this tab. */
export interface DeviceSlot {
  device: Device;
  link: Link;
  latency: Signal<number>;
  jitter: Signal<number>;
  isPlugged: Signal<boolean>;
  seat: TabSeat;
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
/** One more than a session allows, so that its refusal can be tried. */
const mostDevices = 11;

/** The jam in *This tab*: the server, its clock, and the devices. */
export class TabJam {
  readonly slots = signal<readonly DeviceSlot[]>([]);
  /** The key of the device whose notes this tab plays as sound. */
  readonly active = signal('');
  readonly recording = new Recording();
  readonly cursor: TraceCursor;
  readonly clock: ServerClock;
  /** The notes that this tab plays as sound. */
  readonly score: Score;
  readonly scene: FirstScene;

  /** Why the jam does not outlast this tab; empty if it does. */
  readonly trouble: ReadonlySignal<string>;

  #server: Server;
  #journal: TabJournal;
  #stopKeeping = () => {};
  #times: ClientTimes;
  #robots = new Map<Device, Robot>();
  #made = 0;
  #robotsMade = 0;
  #keys = 0;

  constructor({ server, journal }: TabServer) {
    this.#server = server;
    this.#journal = journal;
    this.trouble = journal.trouble;
    this.#times = new ClientTimes(this.recording, () => server.now);
    for (const line of server.trace) this.recording.push(line);
    server.onTrace((line) => this.recording.push(line));
    this.cursor = new TraceCursor(this.recording, () => server.snapshot());
    this.score = new Score(() => server.now);
    this.clock = new ServerClock(server, (now) => this.#robots.forEach((robot) => robot.tick(now)));
    this.scene = new FirstScene(this.clock);
    try {
      if (journal.isKept) this.#restore();
    } catch (error) {
      void this.close();
      throw error;
    }
    if (this.slots.value.length === 0) this.addDevice();
    this.#stopKeeping = effect(() => this.#keep());
  }

  get hasRoom(): boolean {
    return this.slots.value.length < mostDevices;
  }

  /** The device that the computer's keyboard plays: the audible one, but never a robot. */
  get playedDevice(): Device | undefined {
    const players = this.slots.value.map(({ device }) => device).filter((one) => !one.isRobot);
    return players.find(({ key }) => key === this.active.value) ?? players[0];
  }

  /** The code of a session that is going on. */
  get code(): string | undefined {
    return this.slots.value.find(({ device }) => device.session.value)?.device.session.value?.code;
  }

  addDevice(): DeviceSlot {
    const name = names[this.#made % names.length]!;
    const instrument = instruments[(this.#made + 1) % instruments.length]!;
    ++this.#made;
    return this.#add({ name, instrument, isRobot: false });
  }

  /** Adds a robot, which joins the session there is, or makes one. */
  addRobot(): void {
    const made = this.#robotsMade++;
    const at = made % robotNames.length;
    // The address distinguishes the devices on the wire.
    const name =
      robotNames[at]! + (made > at ? ` ${Math.floor(made / robotNames.length) + 1}` : '');
    const { code } = this;
    const { device } = this.#add({ name, instrument: robotInstruments[at]!, isRobot: true });
    if (code) device.join(code);
    else device.create();
  }

  /** Starts a session with three robots, and the first scene if that is to be shown. */
  startJam(isFirstTime = false): void {
    const slot = this.slots.value.find(({ device }) => !device.isRobot) ?? this.addDevice();
    const { device } = slot;
    this.active.value = device.key;
    if (isFirstTime) this.scene.play(device, (isPlugged) => this.plug(slot, isPlugged));
    if (!device.session.value) device.create();
    const forget = device.session.subscribe((session) => {
      if (!session) return;
      queueMicrotask(() => forget());
      for (let count = 0; count < 3; ++count) this.addRobot();
    });
  }

  removeRobots(): void {
    this.scene.skip();
    for (const slot of this.slots.value) if (slot.device.isRobot) this.remove(slot);
  }

  remove({ device }: DeviceSlot): void {
    device.close();
    this.#robots.delete(device);
    this.slots.value = this.slots.value.filter((slot) => slot.device !== device);
    if (this.active.value === device.key)
      this.active.value = this.slots.value[0]?.device.key ?? '';
  }

  plug(slot: DeviceSlot, isPlugged: boolean): void {
    slot.isPlugged.value = isPlugged;
    if (isPlugged) return slot.link.plug();
    slot.link.unplug();
    // As in a browser, which the operating system notifies at once when the cable is unplugged.
    slot.link.drop();
  }

  async step(): Promise<void> {
    const before = this.recording.end;
    await this.clock.step(() => this.recording.end > before);
  }

  /** Ends it, and throws away what is kept of it. */
  async throwAway(): Promise<void> {
    await this.close();
    if (await this.#journal.throwAway()) forgetDevices();
  }

  async close(): Promise<void> {
    this.#stopKeeping();
    this.scene.skip();
    this.clock.stop();
    this.cursor.stop();
    for (const { device } of this.slots.value) device.close();
    await this.#server.close();
  }

  /** The devices from before a reload, which come back to their seats. */
  #restore(): void {
    const { devices, made, robotsMade } = readDevices();
    this.#made = made;
    this.#robotsMade = robotsMade;
    for (const kept of devices.slice(0, mostDevices)) this.#add(kept);
  }

  #keep(): void {
    const devices = this.slots.value.map(
      ({ device, link, latency, jitter, isPlugged, seat }): KeptDevice => ({
        address: link.name,
        name: device.name.value,
        instrument: device.instrument.value,
        isRobot: device.isRobot,
        latency: latency.value,
        jitter: jitter.value,
        // The first scene does not go on after a reload.
        isPlugged: isPlugged.value || this.scene.caption.value !== '',
        seat: seat.stored.value,
      }),
    );
    if (!this.#journal.isKept) return;
    writeDevices({ devices, made: this.#made, robotsMade: this.#robotsMade });
  }

  #add(given: Partial<KeptDevice> & Pick<KeptDevice, 'name' | 'instrument' | 'isRobot'>): DeviceSlot {
    const { name, address = name, instrument, isRobot, isPlugged = true } = given;
    const { latency = 20 + 10 * (this.slots.value.length % 4), jitter = 5 } = given;
    const key = `device-${++this.#keys}-${isRobot ? 'robot' : 'player'}`;
    const link = this.#server.createLink({ name: address, latencyMs: latency, jitterMs: jitter });
    if (!isPlugged) link.unplug();
    const seat = new TabSeat(given.seat);
    const device = new Device(key, optionsForLink(link, seat), {
      clock: this.clock,
      isRobot,
      seats: seat,
    });
    this.#times.watch(device.socket, link.name);
    device.name.value = name;
    device.instrument.value = instrument;
    // What it says then is about servers elsewhere; here only the plug is out.
    device.socket.on('connect_error', () => (device.trouble.value = ''));
    device.onPlayed = (played) => {
      if (this.active.value !== key) return;
      sound(played);
      this.score.hear(played);
    };
    if (isRobot) this.#robots.set(device, new Robot(device));
    else this.active.value ||= key;
    const slot: DeviceSlot = {
      device,
      link,
      latency: signal(latency),
      jitter: signal(jitter),
      isPlugged: signal(isPlugged),
      seat,
    };
    this.slots.value = [...this.slots.value, slot];
    return slot;
  }
}
