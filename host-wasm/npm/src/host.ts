import type { Clock } from './clock.js';
import { WallWatch } from './clock.js';
import type { ClientEnd, ServerEnd } from './connection.js';
import { Connection } from './connection.js';
import { input } from './input.js';
import type { AppendResult, Journal, OpenJournal } from './journal.js';
import { JournalError } from './journal.js';
import { JournalWriter } from './journal-writer.js';
import type { Link } from './link.js';
import type { Machine } from './machine.js';
import { Refusal } from './machine.js';
import { nextMacrotask } from './macrotask.js';
import type { OutputHandlers } from './output.js';
import { dispatchOutput } from './output.js';
import type { Frame } from './packet.js';
import type { RandomSource } from './random.js';
import { Timeline } from './timeline.js';
import type { Trace } from './trace.js';
import { show } from './usage.js';

/** The parts of a host. */
export interface HostParts {
  machine: Machine;
  clock: Clock;
  random: RandomSource;
  trace: Trace;
  maxPayload: number;
}

/**
 * Limits at one instant of virtual time, beyond which `advance()` gives up: of rounds (due actions,
 * then the actions that these cause) and of actions in all. Even a jam of thousands of events
 * at once needs only a few rounds; two clients that answer each other without delay never end.
 */
const maxRounds = 20_000;
const maxActions = 2_000_000;

/** Runs the server: gives it its inputs and carries out its outputs. */
export class Host implements ServerEnd {
  readonly timeline: Timeline;

  /** Blobs that are being read, and appends: only after these are the next actions known. */
  readonly pending = new Set<Promise<unknown>>();

  #machine: Machine | undefined;
  #random: RandomSource;
  #trace: Trace;
  #wallWatch: WallWatch;
  #maxPayload: number;
  #operatorRequests = 0;
  #answers = new Map<number, string>();
  #connectionsMade = 0;
  #connections = new Map<number, Connection>(); // those that the server knows
  #clients = new Set<Connection>(); // those with a client, connecting ones too
  #journal: JournalWriter | undefined;
  #isOpen = true;

  constructor(parts: HostParts) {
    this.#machine = parts.machine;
    this.#random = parts.random;
    this.#trace = parts.trace;
    this.#wallWatch = new WallWatch(parts.clock);
    this.#maxPayload = parts.maxPayload;
    this.timeline = new Timeline(parts.clock, () => this.#step(input.deadline));
  }

  /** The server's own state. Throws once it is closed. */
  get machine(): Machine {
    if (this.#machine) return this.#machine;
    throw new Error('downbeat: the server is closed; make a new one with createServer()');
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** A new connection, which is still to be opened. */
  makeConnection(link: Link, client: ClientEnd): Connection {
    return new Connection(++this.#connectionsMade, this, link, client);
  }

  addClient(connection: Connection): void {
    this.#clients.add(connection);
  }

  removeClient(connection: Connection): void {
    this.#clients.delete(connection);
  }

  // The journal.

  /** Restores the sessions that a journal has, and appends to it from now on. */
  useJournal(journal: Journal, log: OpenJournal): void {
    this.#journal = new JournalWriter(journal, log, this);
    try {
      for (const state of log.states) this.#step(input.roomRestored(state));
      this.#step(input.restoreFinished);
    } catch (cause) {
      this.#end();
      if (!(cause instanceof Refusal)) throw cause;
      throw new JournalError('journal_damaged', `the journal is damaged: ${cause.message}`);
    }
  }

  appendAnswered(id: number, result: AppendResult): void {
    if (this.#machine) this.#step(input.appendAnswered(id, result));
  }

  get journalError(): Error | undefined {
    return this.#journal?.error;
  }

  // For operators.

  /** Gives the server an operator's query or command; the result is its answer, as JSON. */
  operate(kind: 'query' | 'command', json: string): string {
    void this.machine; // throws once the server is closed
    const id = ++this.#operatorRequests;
    this.#step(input[kind](id, json));
    const answer = this.#answers.get(id);
    if (answer === undefined) throw new Error('downbeat: the server gave no answer');
    this.#answers.delete(id);
    return answer;
  }

  // Called by connections.

  connecting(connection: Connection, query: string, address: string): void {
    if (!this.#isOpen) return connection.shutDown();
    this.#connections.set(connection.id, connection);
    const entropy = this.#random.entropy();
    this.#stepFor(connection, input.connecting(connection.id, { query, address, entropy }));
  }

  received(connection: Connection, frame: Frame): void {
    const { id } = connection;
    ++connection.received;
    const isTooLarge = isLongerThan(this.#maxPayload, frame);
    this.#stepFor(connection, isTooLarge ? input.tooLarge(id) : input.received(id, frame));
  }

  lost({ id }: Connection): void {
    if (this.#connections.delete(id)) this.#step(input.closed(id));
  }

  /**
   * Lets clients and server answer each other until nothing more happens at this time. Throws if
   * that does not come to an end; nothing is lost then, and it goes on by itself.
   */
  async settle(): Promise<void> {
    const { timeline } = this;
    const firstRound = timeline.rounds;
    const first = timeline.actionsRun;
    const isBeyond = (part: number) =>
      timeline.rounds - firstRound > part * maxRounds ||
      timeline.actionsRun - first > part * maxActions;
    let heard: Map<Connection, number> | undefined;
    let before: number;
    do {
      if (heard && isBeyond(1)) throw this.#livelockError(heard);
      // Clients that still send in the second half are the ones that do not stop.
      if (!heard && isBeyond(0.5)) heard = this.#countReceived();
      before = timeline.actionsRun;
      await Promise.allSettled(this.pending);
      await nextMacrotask();
    } while (timeline.isDue || timeline.actionsRun !== before || this.pending.size > 0);
  }

  /**
   * Ends the connections of all clients, also of those that are still connecting or whose link is
   * unplugged, and frees the memory.
   */
  async close(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    // Sessions in a journal do not end: clients hear that they can come back.
    if (this.#journal) this.#step(input.drain);
    this.#step(input.shutdown);
    // Clients that never stop sending must not keep it open.
    await this.settle().catch(() => {});
    try {
      await this.#journal?.close();
    } finally {
      this.#end();
    }
    await nextMacrotask();
  }

  #end(): void {
    this.#isOpen = false;
    this.#machine = undefined;
    this.timeline.stop();
    for (const connection of [...this.#clients]) connection.shutDown();
    this.#connections.clear();
  }

  #countReceived(): Map<Connection, number> {
    return new Map([...this.#clients].map((client) => [client, client.received]));
  }

  /** Names the clients that do not stop; `before` has the messages received from each before. */
  #livelockError(before: ReadonlyMap<Connection, number>): Error {
    const senders = [...this.#clients]
      .map((client) => ({ client, more: client.received - (before.get(client) ?? 0) }))
      .filter(({ more }) => more > 0)
      .sort((a, b) => b.more - a.more);
    const shown = senders
      .slice(0, 4)
      .map(
        ({ client, more }) =>
          `connection ${client.id} on ${show(client.link.name)} (${more} messages)`,
      );
    if (senders.length > shown.length) shown.push(`${senders.length - shown.length} more`);
    return new Error(
      `downbeat: advance() gave up at ${this.timeline.now} ms, where clients and server answer each ` +
        `other without end: ${shown.join(', ') || 'no client has said anything'}. Let some time ` +
        'pass between an event and its answer, or give a link latency',
    );
  }

  /** An input that the server cannot read costs its own connection, and no other. */
  #stepFor(connection: Connection, text: string): void {
    try {
      this.#step(text);
    } catch (cause) {
      if (!(cause instanceof Refusal)) throw cause;
      connection.lose();
      throw new Error(`downbeat: the server could not read: ${shorten(text)}`, { cause });
    }
  }

  /** Gives the server an input, and before it the wall clock if that is due. */
  #step(text: string): void {
    const wallTime = this.#wallWatch.look();
    if (wallTime !== undefined) this.#stepOnce(input.clock(wallTime));
    this.#stepOnce(text);
  }

  /** Gives the server one input and carries out the outputs: the only place where it runs. */
  #stepOnce(text: string): void {
    const line = `${this.timeline.now} > ${text}`;
    let outputs: string;
    try {
      outputs = this.machine.step(line);
    } catch (cause) {
      // A refused input has changed nothing. Any other error may have left a broken state.
      if (cause instanceof Refusal) throw cause;
      this.#end();
      void this.#journal?.close().catch(() => {});
      throw new Error(`downbeat: the server broke down at: ${shorten(line)}`, { cause });
    }
    for (const output of outputs.split('\n')) dispatchOutput(output, this.#outputHandlers);
    this.#trace.add(`${line}\n${outputs}`);
  }

  #outputHandlers: OutputHandlers = {
    accept: (id) => this.#connections.get(id)?.accept(),
    send: (id, frame) => this.#connections.get(id)?.deliver(frame),
    refuse: (id, status, body) => this.#forget(id)?.refuse(status, body),
    close: (id, code) => this.#forget(id)?.close(code),
    answer: (id, json) => void this.#answers.set(id, json),
    append: (id, what) => this.#journal?.append(id, what),
    wait: (deadline) => void (this.timeline.deadline = deadline),
  };

  #forget(id: number): Connection | undefined {
    const connection = this.#connections.get(id);
    this.#connections.delete(id);
    return connection;
  }
}

function shorten(line: string): string {
  return line.length > 200 ? `${line.slice(0, 200)}…` : line;
}

const encoder = new TextEncoder();

function isLongerThan(bytes: number, frame: Frame): boolean {
  if (typeof frame !== 'string') return frame.length > bytes;
  // Three bytes of UTF-8 are the most for each unit of UTF-16.
  return frame.length * 3 > bytes && encoder.encode(frame).length > bytes;
}
