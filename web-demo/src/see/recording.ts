import { Feed } from './feed';

const separator = '\x1e'; // between the packets of one HTTP body

/** A trace, line by line, and the messages that it tells of. */
export class Recording extends Feed {
  readonly lines: string[] = [];
  #lanes = new Map<string, number>(); // of connections and requests, by their number
  #lanesBySid = new Map<string, number>();

  static of(text: string): Recording {
    const recording = new Recording();
    for (const line of text.split(/\r?\n/)) if (line !== '') recording.push(line);
    if (!recording.lines[0]?.startsWith('downbeat trace ')) {
      throw new Error('This is no trace: its first line should begin with “downbeat trace”.');
    }
    return recording;
  }

  push(line: string): void {
    const at = this.lines.push(line) - 1;
    const found = /^(\d+) ([<>]) (\S+)(?: (\S+))?(?: ([\s\S]*))?$/.exec(line);
    if (found) {
      const [, time, direction, kind, id = '', rest = ''] = found;
      this.#read(at, Number(time), direction === '>', kind!, id, rest);
    }
    this.touch();
  }

  #read(line: number, time: number, isUp: boolean, kind: string, id: string, rest: string): void {
    const tell = (frame: string, what: 'text' | 'binary' | 'event' = 'text') =>
      this.add({ time, lane: this.#lanes.get(id) ?? 0, isUp, kind: what, frame, line });
    switch (kind) {
      case 'websocket':
      case 'request':
        this.#lanes.set(id, this.#laneOf(JSON.parse(rest)));
        if (kind === 'websocket') tell('WebSocket opens', 'event');
        return;
      case 'text':
        return tell(textOf(rest));
      case 'send':
        this.#learn(id, textOf(rest));
        return tell(textOf(rest));
      case 'body':
        for (const packet of textOf(rest).split(separator)) tell(packet);
        return;
      case 'respond':
        return this.#respond(id, rest, tell);
      case 'binary':
        return tell((JSON.parse(rest) as { base64: string }).base64, 'binary');
      case 'send-binary':
        return tell(JSON.parse(rest), 'binary');
      case 'closed':
        return tell('connection is gone', 'event');
      case 'close':
        return tell(`closes with ${rest}`, 'event');
      case 'refuse':
        return tell(`refused: ${rest}`, 'event');
    }
  }

  /** A response with packets, rather than one to a POST. */
  #respond(id: string, rest: string, tell: (frame: string) => void): void {
    const found = /^\d+ "[^"]*" ("[\s\S]*")$/.exec(rest);
    const body = found ? textOf(found[1]!) : 'ok';
    if (body === 'ok') return;
    for (const packet of body.split(separator)) {
      this.#learn(id, packet);
      tell(packet);
    }
  }

  /** A handshake says the name by which a client comes back over another connection. */
  #learn(id: string, frame: string): void {
    const sid = /^0\{"sid":"([^"]+)"/.exec(frame)?.[1];
    const lane = this.#lanes.get(id);
    if (sid && lane !== undefined) this.#lanesBySid.set(sid, lane);
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
