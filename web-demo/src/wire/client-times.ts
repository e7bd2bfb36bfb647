import type { JamSocket } from '../device/device';
import type { MessageLog, WireMessage } from './message-log';

interface Lane {
  /** When the client sent what has not reached the server yet. */
  sent: number[];
  /** What the server has sent and the client has not received yet. */
  coming: WireMessage[];
}

/**
 * Measures how long messages in this tab are on their way: a trace has the server's times only. Each
 * direction of a connection keeps its order, so that counting is enough.
 */
export class ClientTimes {
  #lanes = new Map<string, Lane>();

  constructor(
    readonly log: MessageLog,
    readonly now: () => number,
  ) {
    log.onAdd = (message) => this.#match(message);
  }

  /** Follows a client, by the name of its lane in the log. */
  watch(socket: JamSocket, name: string): void {
    const lane: Lane = { sent: [], coming: [] };
    this.#lanes.set(name, lane);
    const attach = () => {
      // Each attempt to connect makes a new engine, and what was on the way is lost.
      lane.sent = [];
      lane.coming = [];
      const { engine } = socket.io;
      engine.on('packetCreate', () => void lane.sent.push(this.now()));
      engine.on('packet', () => {
        const message = lane.coming.shift();
        if (message && message.time <= this.now()) message.travelMs = this.now() - message.time;
      });
    };
    attach();
    socket.io.on('reconnect_attempt', () => queueMicrotask(attach));
  }

  #match(message: WireMessage): void {
    const lane = this.#lanes.get(this.log.lanes[message.lane]!);
    if (!lane) return;
    if (message.kind === 'event') {
      if (message.frame === 'connection closed') lane.sent = [];
      return;
    }
    if (!message.isUp) return void lane.coming.push(message);
    const sent = lane.sent.shift();
    if (sent !== undefined && sent <= message.time) message.travelMs = message.time - sent;
  }
}
