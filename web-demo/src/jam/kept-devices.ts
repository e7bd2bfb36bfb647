import { instruments, type Instrument } from '../music/instruments';
import type { StoredSeat } from '../server/seat-store';

/** A device of the tab jam, as a reload finds it. */
export interface KeptDevice {
  /** The name of its link, which its lane on the wire has. */
  address: string;
  name: string;
  instrument: Instrument;
  isRobot: boolean;
  latency: number;
  jitter: number;
  isPlugged: boolean;
  seat?: StoredSeat | undefined;
}

/** The devices of the tab jam, beside its sessions: only the tab that has these reads and writes. */
export interface KeptDevices {
  devices: KeptDevice[];
  /** How many devices and robots there ever were, for the next one's name. */
  made: number;
  robotsMade: number;
}

const key = 'downbeat-tab-jam';
const none: KeptDevices = { devices: [], made: 0, robotsMade: 0 };

export function readDevices(): KeptDevices {
  try {
    const kept = JSON.parse(localStorage.getItem(key) ?? 'null') as KeptDevices | null;
    const isRight =
      Array.isArray(kept?.devices) && kept.devices.every(isDevice) && isCount(kept.made) && isCount(kept.robotsMade);
    return isRight ? kept : none;
  } catch {
    return none; // there is no storage, or something else in it
  }
}

export function writeDevices(kept: KeptDevices): void {
  try {
    localStorage.setItem(key, JSON.stringify(kept));
  } catch {
    // Without storage the seats wait for nobody.
  }
}

export function forgetDevices(): void {
  try {
    localStorage.removeItem(key);
  } catch {
    // There is nothing to forget.
  }
}

function isDevice(given: Partial<KeptDevice> | null): boolean {
  const { address, name, instrument, latency, jitter, seat } = given ?? {};
  const texts = seat ? [address, name, seat.token, seat.code, seat.userId] : [address, name];
  return (
    texts.every((text) => typeof text === 'string') &&
    address !== '' &&
    instruments.some((one) => one === instrument) &&
    isCount(latency) &&
    isCount(jitter)
  );
}

function isCount(given: unknown): given is number {
  return Number.isInteger(given) && (given as number) >= 0 && (given as number) < 2 ** 31;
}
