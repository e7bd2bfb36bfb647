import { costOf, MessageLog, type WireMessage } from './message-log';

const separator = '\x1e'; // between the packets of one HTTP body

/** Engine.IO sessions whose lane is kept, for clients that change their transport. */
const mostSids = 1000;

/** A trace, line by line, and the messages in it. */
export class Recording extends MessageLog {
  /** The lines that are kept; the header is the first while the recording is whole. */
  readonly lines: string[] = [];
  #header = '';
  #firstLine = 0; // how many of the oldest were dropped
  #lanes = new Map<string, number>(); // of connections and requests, by their number
  #lanesBySid = new Map<string, number>();

  /** A trace from a file. All of it is kept, since it does not grow. */
  static of(text: string): Recording {
    const recording = new Recording(Infinity);
    if (!text.startsWith('downbeat trace ')) {
      throw new Error('This is not a trace: its first line must begin with “downbeat trace”.');
    }
    for (const line of text.split(/\r?\n/)) if (line !== '') recording.push(line);
    return recording;
  }

  /** Whether it is complete. A replay starts at the beginning. */
  get isWhole(): boolean {
    return this.#firstLine === 0;
  }

  /** The text of a trace file with all that is kept. */
  get text(): string {
    const gap = [this.#header, '# older lines were dropped to save memory'];
    return [...(this.isWhole ? [] : gap), ...this.lines, ''].join('\n');
  }

  push(line: string): void {
    this.#header ||= line;
    const at = this.#firstLine + this.lines.push(line) - 1;
    this.spend(costOf(line));
    const found = /^(\d+) ([<>]) (\S+)(?: (\S+))?(?: ([\s\S]*))?$/.exec(line);
    if (found) {
      const [, time, direction, kind, id = '', rest = ''] = found;
      this.#read(at, Number(time), direction === '>', kind!, id, rest);
    }
    this.touch();
  }

  protected override dropBefore({ line }: WireMessage): number {
    const count = line - this.#firstLine;
    if (count <= 0) return 0;
    const dropped = this.lines.splice(0, count);
    this.#firstLine += count;
    return dropped.reduce((sum, each) => sum + costOf(each), 0);
  }

  #read(line: number, time: number, isUp: boolean, kind: string, id: string, rest: string): void {
    const add = (frame: string, what: 'text' | 'binary' | 'event' = 'text') =>
      this.add({ time, lane: this.#lanes.get(id) ?? 0, isUp, kind: what, frame, line });
    switch (kind) {
      case 'websocket':
      case 'request':
        this.#lanes.set(id, this.#laneOf(JSON.parse(rest)));
        if (kind === 'websocket') add('WebSocket opens', 'event');
        return;
      case 'text':
        return add(textOf(rest));
      case 'send':
        this.#learn(id, textOf(rest));
        return add(textOf(rest));
      case 'body':
        for (const packet of textOf(rest).split(separator)) add(packet);
        return;
      case 'respond':
        return this.#respond(id, rest, add);
      case 'binary':
        return add((JSON.parse(rest) as { base64: string }).base64, 'binary');
      case 'send-binary':
        return add(JSON.parse(rest), 'binary');
      case 'closed':
        add('connection closed', 'event');
        this.#lanes.delete(id);
        return;
      case 'close':
        return add(`server closes: ${rest}`, 'event');
      case 'refuse':
        return add(`refused: ${rest}`, 'event');
    }
  }

  /** A response with packets, not the answer to a POST. */
  #respond(id: string, rest: string, add: (frame: string) => void): void {
    const found = /^\d+ "[^"]*" ("[\s\S]*")$/.exec(rest);
    const body = found ? textOf(found[1]!) : 'ok';
    if (body === 'ok') return;
    for (const packet of body.split(separator)) {
      this.#learn(id, packet);
      add(packet);
    }
  }

  /** A handshake contains the id with which the client continues over another transport. */
  #learn(id: string, frame: string): void {
    const sid = /^0\{"sid":"([^"]+)"/.exec(frame)?.[1];
    const lane = this.#lanes.get(id);
    if (!sid || lane === undefined) return;
    this.#lanesBySid.set(sid, lane);
    if (this.#lanesBySid.size > mostSids)
      this.#lanesBySid.delete(this.#lanesBySid.keys().next().value!);
  }

  #laneOf({ query, address }: { query: string; address: string }): number {
    const sid = new URLSearchParams(query).get('sid');
    const known = sid === null ? undefined : this.#lanesBySid.get(sid);
    if (known !== undefined) return known;
    // In a tab the address is the device; across a network many share one.
    const isDevice = !/[.:]/.test(address);
    return this.laneNamed(isDevice ? address : `Client ${this.lanes.length + 1}`);
  }
}

/** Text in JSON, or bytes that are no text. */
function textOf(json: string): string {
  const value = JSON.parse(json) as string | { base64: string };
  return typeof value === 'string' ? value : value.base64;
}
