// A stock socket.io-client that records everything it receives.
import assert from 'node:assert/strict';
import { io } from 'socket.io-client';

import { patience, within } from './patience.mjs';

/** The three ways in which a stock client can reach a server. */
export const ways = [
  { name: 'polling only', options: { transports: ['polling'] } },
  { name: 'WebSocket only', options: { transports: ['websocket'] } },
  { name: 'polling with upgrade', options: { transports: ['polling', 'websocket'] } },
];

/** A client that begins to connect. */
export function open(url, way, options = {}, read) {
  return new Client(io(url, { ...way.options, forceNew: true, ...options }), read);
}

/** Connects a client, and waits until it is on the way's last transport. */
export async function connect(url, way, options = {}, read) {
  const client = open(url, way, options, read);
  await client.until('connect');
  await client.on(way.options.transports.at(-1));
  return client;
}

export class Client {
  /** Each entry is an event with its arguments, in the order in which they came. */
  transcript = [];
  #boxes = new Map();
  #probes = 0;
  #read;

  /**
   * Wraps a Socket of socket.io-client that is about to connect. `read` may change what the server has said before it
   * is recorded.
   */
  constructor(socket, read = (value) => value) {
    this.socket = socket;
    this.#read = read;
    socket.on('connect', () => this.#record('connect'));
    socket.on('connect_error', (error) => this.#record('connect_error', error));
    socket.on('disconnect', (reason, details) => this.#record('disconnect', reason, details));
    socket.onAny((event, ...args) => {
      if (event === 'error' && args[0]?.event === probe && this.#probes > 0) return;
      this.#record(event, ...(event === 'session:event' ? args : args.map(this.#read)));
    });
  }

  get id() {
    return this.socket.id;
  }

  /** Emits an event without asking for an acknowledgement. */
  emit(event, ...args) {
    this.socket.emit(event, ...args);
  }

  /** Emits an event and waits for its acknowledgement, which the transcript shows as an entry. */
  request(event, ...args) {
    const reply = new Promise((resolve) => {
      this.socket.emit(event, ...args, (...said) => {
        assert.equal(said.length, 1, 'an acknowledgement has one argument');
        const answer = said.map(this.#read);
        this.#record(`ack of ${event}`, ...answer);
        resolve(answer[0]);
      });
    });
    return within(reply, () => `the acknowledgement of ${event}\n${this.story()}`);
  }

  /** Waits for the next event of this name that no one has waited for yet; its first argument. */
  until(event, limit = patience) {
    const box = this.#box(event);
    if (box.unread.length > 0) return Promise.resolve(box.unread.shift());
    const arrival = new Promise((resolve) => box.waiting.push(resolve));
    return within(arrival, () => `${event}\n${this.story()}`, limit);
  }

  /** Waits until the client talks over this transport. */
  async on(transport) {
    const { engine } = this.socket.io;
    if (engine.transport.name === transport) return;
    const upgrade = new Promise((resolve) => engine.once('upgrade', resolve));
    await within(upgrade, () => `the upgrade to ${transport}\n${this.story()}`);
    assert.equal(engine.transport.name, transport);
  }

  /**
   * Returns when everything that the server sent this client before now has arrived: it answers in
   * order, and this asks it something that changes nothing.
   */
  async caughtUp() {
    ++this.#probes;
    const answer = new Promise((resolve) => this.socket.emit(probe, null, resolve));
    await within(answer, () => `an answer to a probe\n${this.story()}`);
    --this.#probes;
  }

  /** The names of the received events, from this entry on. */
  heard(from = 0) {
    return this.transcript.slice(from).map(([event]) => event);
  }

  /** The transcript, for people who look for the cause of a failure. */
  story() {
    const entries = this.transcript.slice(-20).map((entry) => `  ${shorten(entry)}\n`);
    const more = this.transcript.length > 20 ? '  …\n' : '';
    return `client ${this.id} heard:\n${more}${entries.join('')}`;
  }

  close() {
    this.socket.disconnect();
  }

  #box(event) {
    let box = this.#boxes.get(event);
    if (!box) this.#boxes.set(event, (box = { unread: [], waiting: [] }));
    return box;
  }

  #record(event, ...args) {
    this.transcript.push([event, ...args]);
    const box = this.#box(event);
    if (box.waiting.length > 0) box.waiting.shift()(args[0]);
    else box.unread.push(args[0]);
  }
}

// A request that is refused whatever the state of the client: no payload to leave with.
const probe = 'session:leave';

function shorten(entry) {
  const text = JSON.stringify(entry, (_, value) =>
    value instanceof Error ? `${value.name}: ${value.message}` : value,
  );
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}
