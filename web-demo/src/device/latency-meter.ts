import { signal } from '@preact/signals';
import type { Device } from './device';
import { latencyEvent } from './latency-event';

const everyMs = 5000;

/**
 * Measures how long the server takes to answer, and tells the others in the session. The event that
 * tells of one measurement is the next one.
 */
export class LatencyMeter {
  readonly own = signal<number | undefined>(undefined);

  constructor(readonly device: Device) {
    setInterval(() => this.measure(), everyMs);
    device.socket.on('disconnect', () => (this.own.value = undefined));
  }

  /** Measures now. */
  measure(): void {
    const { socket, session } = this.device;
    if (!session.value || !socket.connected || document.hidden) return;
    const code = session.value.code;
    const sentAt = performance.now();
    const data = this.own.value ?? null;
    socket.emit('session:event', { type: latencyEvent, data }, () => {
      if (session.value?.code === code) this.own.value = Math.round(performance.now() - sentAt);
    });
  }
}
