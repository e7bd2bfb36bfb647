import { signal } from '@preact/signals';

/** One thing that crossed the wire. */
export interface WireMessage {
  time: number; // in milliseconds
  lane: number; // whose
  isUp: boolean; // to the server
  /** The frame as text; binary as base64; or words in parentheses for what is no frame. */
  kind: 'text' | 'binary' | 'event';
  frame: string;
  /** The line of the trace that says so. */
  line: number;
}

/** What has crossed the wire, growing. */
export class Feed {
  readonly messages: WireMessage[] = [];
  readonly lanes: string[] = [];
  /** Changes with whatever was added, at most once a frame. */
  readonly version = signal(0);
  #isTelling = false;

  laneNamed(name: string): number {
    const at = this.lanes.indexOf(name);
    return at >= 0 ? at : this.lanes.push(name) - 1;
  }

  add(message: WireMessage): void {
    this.messages.push(message);
    this.touch();
  }

  protected touch(): void {
    if (this.#isTelling) return;
    this.#isTelling = true;
    setTimeout(() => {
      this.#isTelling = false;
      this.version.value += 1;
    }, 60);
  }
}
