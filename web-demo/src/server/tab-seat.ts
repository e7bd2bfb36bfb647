import { signal } from '@preact/signals';
import type { SeatKeeper, StoredSeat } from './seat-store';

/** The seat of a device of this tab, for whoever stores it. */
export class TabSeat implements SeatKeeper {
  readonly stored = signal<StoredSeat | undefined>(undefined);

  constructor(stored: StoredSeat | undefined) {
    this.stored.value = stored;
  }

  get seat(): StoredSeat | undefined {
    return this.stored.peek();
  }

  /** What to show at a CONNECT. */
  auth(): { resume: true; resumeToken?: string } {
    return this.seat ? { resume: true, resumeToken: this.seat.token } : { resume: true };
  }

  keep(seat: StoredSeat): void {
    this.stored.value = seat;
  }

  forget(): void {
    this.stored.value = undefined;
  }

  yield(): void {
    this.forget();
  }
}
