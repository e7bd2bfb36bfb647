// Raw clients of Socket.IO's connection state recovery, over each transport.
import assert from 'node:assert/strict';

import { openSession, PollingPeer, separator, untilGone } from './engineio.mjs';

/** A session on a WebSocket. */
class OverWebSocket {
  static async open(server) {
    const session = new OverWebSocket();
    session.server = server;
    session.ws = await openSession(server);
    return session;
  }

  /** Sends messages: a string as text, bytes as binary. */
  async say(...messages) {
    for (const message of messages) this.ws.send(message);
  }

  next() {
    return this.ws.next();
  }

  /** Cuts the connection without a word, and waits until the server has noticed. */
  async cut() {
    this.ws.destroy();
    await this.ended();
  }

  /** Waits until the server has ended the session. */
  ended() {
    return untilGone(this.server, this.ws.sid, 'polling');
  }
}

/** A session on polling. */
class OverPolling {
  #unread = [];

  static async open(server) {
    const session = new OverPolling();
    session.server = server;
    session.peer = await PollingPeer.open(server);
    return session;
  }

  say(...messages) {
    const packets = messages.map((message) =>
      typeof message === 'string' ? message : `b${message.toString('base64')}`,
    );
    return this.peer.say(packets.join(separator));
  }

  async next() {
    if (this.#unread.length === 0) this.#unread = await this.peer.hear();
    const packet = this.#unread.shift();
    return packet[0] === 'b' ? Buffer.from(packet.slice(1), 'base64') : packet;
  }

  async cut() {
    const poll = this.peer.poll();
    await poll.arrived();
    poll.abort();
    await untilGone(this.server, this.peer.sid, 'websocket');
  }

  /** The server ends a session only when it can say so to a poll. */
  async ended() {
    let response;
    do response = await this.peer.poll().response;
    while (response?.status === 200);
    await untilGone(this.server, this.peer.sid, 'websocket');
  }
}

export const sessions = { websocket: OverWebSocket, polling: OverPolling };

const form = /^4([0-6])(?:(\d+)-)?(\/[^,]*)?,?(\d+)?(.*)$/s;

/** A socket in a namespace, with what a client library would remember of it. */
export class Peer {
  /** Packets before the answer to CONNECT: what it missed while it was away. */
  missed = [];

  /**
   * Opens a session, and sends CONNECT. With a peer from before, it shows that one's `pid` and
   * offset; `auth` is added, where undefined takes out a member.
   */
  static async connect(Session, server, { nsp = '/', auth = {}, as } = {}) {
    const session = await Session.open(server);
    return Peer.join(session, { nsp: as?.nsp ?? nsp, auth, as });
  }

  /** The same in a session that is open already. */
  static async join(session, { nsp = '/', auth = {}, as } = {}) {
    const peer = new Peer();
    Object.assign(peer, { session, nsp });
    peer.prefix = nsp === '/' ? '' : `${nsp},`;
    const shown = JSON.stringify({ ...(as && { pid: as.pid, offset: as.offset }), ...auth });
    await session.say(`40${peer.prefix}${shown}`);
    for (;;) {
      const packet = await peer.#packet();
      if (packet.type === '4') return Object.assign(peer, { error: packet.content });
      if (packet.type === '0') {
        assert.deepEqual(Object.keys(packet.content), ['sid', 'pid']);
        Object.assign(peer, { id: packet.content.sid, pid: packet.content.pid });
        break;
      }
      peer.missed.push(peer.#take(packet));
    }
    if (nsp !== '/quiet') assert.deepEqual(await peer.next(), ['auth', JSON.parse(shown)]);
    return peer;
  }

  /** Sends an event. Bytes among its arguments are sent as attachments. */
  emit(...event) {
    return this.#send('', event);
  }

  /** Sends an event, and waits for its acknowledgement. What comes before that is an error. */
  async ask(...event) {
    await this.#send('7', event);
    const { type, id, content } = await this.#packet();
    assert.deepEqual([type, id], ['3', '7']);
    return content;
  }

  #send(id, event) {
    const attachments = [];
    const json = JSON.stringify(event, (_, value) => {
      if (value?.type !== 'Buffer') return value;
      return { _placeholder: true, num: attachments.push(Buffer.from(value.data)) - 1 };
    });
    const type = attachments.length === 0 ? '2' : `5${attachments.length}-`;
    return this.session.say(`4${type}${this.prefix}${id}${json}`, ...attachments);
  }

  /** The server's picture of this socket. */
  async state() {
    const [state] = await this.ask('state');
    return state;
  }

  /** The next event, without its offset, which every event must have. */
  async next() {
    return this.#take(await this.#packet());
  }

  /** The next event as it is on the wire, of which nothing is remembered. */
  raw() {
    return this.session.next();
  }

  /** Leaves the namespace, and waits until the server has noticed. */
  async leave() {
    await this.session.say(`41${this.prefix}`);
    await Peer.join(this.session, { nsp: this.nsp === '/quiet' ? '/custom' : '/quiet' });
  }

  #take({ type, content }) {
    assert.match(type, /[25]/);
    this.offset = content.pop();
    assert.equal(typeof this.offset, 'string');
    assert.notEqual(this.offset, '');
    return content;
  }

  async #packet() {
    const text = await this.session.next();
    const [, type, count = 0, nsp = '/', id, json] = form.exec(text);
    assert.equal(nsp, this.nsp);
    const attachments = [];
    while (attachments.length < count) attachments.push(await this.session.next());
    const content =
      json === ''
        ? undefined
        : JSON.parse(json, (_, value) => (value?._placeholder ? attachments[value.num] : value));
    return { type, id, content };
  }
}
