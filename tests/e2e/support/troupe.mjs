// Musicians who come, go and play while their server is killed and started again, and what of their
// memberships must be there afterwards.
import { ways } from './client.mjs';
import { eventually } from './patience.mjs';
import { viewOf } from './venue.mjs';

/** Options without which so many requests of one address would be refused. */
export const unlimited = [
  ...['--max-joins-per-minute', '0', '--max-joins-per-minute-by-address', '0'],
  ...['--max-failed-joins-per-minute', '0', '--max-failed-joins-per-hour-by-address', '0'],
  ...['--max-failed-joins-per-day', '0', '--max-namespace-connects-per-minute', '0'],
  ...['--max-connects-per-second-by-address', '0', '--max-events-per-second', '0'],
];

/** One client, with what has been acknowledged to it, and the request that has no answer yet. */
export class Musician {
  roomCode = null;
  name = '';
  pending = null;
  /** Whether a request had no answer, or one has left, which a fault may undo, since `settle`. */
  isUncertain = false;
  /** Codes of rooms that it has left: who is behind may still show it there. */
  left = new Set();
  /** The one that it has left last, if it has been in none since. */
  lastLeft = null;

  constructor(client, title) {
    this.client = client;
    this.title = title;
    // The library forgets it when the connection is lost.
    client.socket.on('connect', () => (this.lastId = client.id));
  }

  get id() {
    return this.client.id;
  }

  /** Sends requests until `isOver()`; ends when the connection is lost. */
  async play(chance, codes, isOver) {
    while (!isOver()) {
      const request = this.#choose(chance, codes());
      if (!(await this.#ask(request))) return;
      if (chance.below(3) === 0) await chance.pause(60);
    }
  }

  /** It is in this room, or in none. */
  settle(roomCode) {
    this.roomCode = roomCode;
    this.pending = null;
    this.isUncertain = false;
    this.left.clear();
    this.lastLeft = null;
  }

  #choose(chance, codes) {
    const name = `${this.title} ${chance.below(1_000_000)}`;
    const join = () => {
      const roomCode = codes[chance.below(codes.length)];
      return { event: 'session:join', payload: { roomCode, name } };
    };
    const create = () => ({ event: 'session:create', payload: { name } });
    const luck = chance.below(100);
    if (this.roomCode === null) return luck < 30 || codes.length === 0 ? create() : join();
    if (luck < 35) return { event: 'session:event', payload: { type: 'note', data: luck } };
    if (luck < 60) return { event: 'session:update', payload: { name } };
    if (luck < 75) return { event: 'session:leave', payload: { roomCode: this.roomCode } };
    return luck < 93 ? join() : create();
  }

  /** Whether there was an answer. */
  async #ask(request) {
    const { socket } = this.client;
    if (!socket.connected) return false;
    this.pending = request;
    let lose;
    const lost = new Promise((resolve) => socket.once('disconnect', (lose = () => resolve(null))));
    const answer = new Promise((resolve) => socket.emit(request.event, request.payload, resolve));
    const result = await Promise.race([answer, lost]);
    socket.off('disconnect', lose);
    const { event, payload } = request;
    if (result === null || event === 'session:leave') this.isUncertain = true;
    if (result === null) return false;
    this.pending = null;
    if (!result.ok) return true;
    if (event === 'session:leave') {
      this.client.transcript.push(['ack of session:leave', result]);
      this.#leave(null);
    } else if (event === 'session:create' || event === 'session:join') {
      if (event === 'session:create' || result.roomCode !== this.roomCode) this.name = payload.name;
      this.#leave(result.roomCode);
    } else if (event === 'session:update') {
      this.name = payload.name;
    }
    return true;
  }

  #leave(next) {
    if (this.roomCode !== next) this.left.add(this.roomCode);
    this.lastLeft = next === null ? this.roomCode : null;
    this.roomCode = next;
  }
}

export class Troupe {
  #venue;
  #chance;
  #loops;
  musicians = [];
  /** What happened, to see that it was not too little. */
  counts = { kept: 0, unanswered: 0, tookEffect: 0, memberships: 0, lostLeaves: 0, lostMoves: 0 };

  /** `loops` is the number of the server's threads. */
  constructor({ venue, open }, chance, size, loops) {
    this.#loops = loops;
    this.#venue = venue;
    this.#chance = chance;
    for (let i = 0; i < size; ++i) {
      this.musicians.push(new Musician(open(ways[i % ways.length]), `M${i}`));
    }
  }

  #stories() {
    return this.musicians.map(({ client }) => client.story()).join('');
  }

  async arrive() {
    for (const { client } of this.musicians) await client.until('connect');
  }

  /**
   * Everybody plays, the server is killed in the middle and started again with these options; what is wrong then.
   * `happens` is what else happens while they play.
   */
  async endure(options = [], happens = async () => {}) {
    let isOver = false;
    const codes = () => [...new Set(this.musicians.map(({ roomCode }) => roomCode).filter((code) => code))];
    const played = this.musicians.map((one) => one.play(this.#chance, codes, () => isOver));
    await this.#chance.pause(150);
    await happens();
    await this.#venue.server.kill();
    isOver = true;
    await Promise.all(played);
    const { musicians } = this;
    await eventually(
      () => musicians.every(({ client }) => !client.socket.connected),
      () => `all clients to notice the end of the server\n${this.#stories()}`,
    );
    const before = musicians.map((one) => {
      const view = viewOf(one.client);
      const { roomCode, name, pending } = one;
      const { length: from } = one.client.transcript;
      return { one, id: one.lastId, roomCode, name, pending, view, left: new Set(one.left), from };
    });
    await this.#venue.start(...options);
    await eventually(
      () => musicians.every(({ client }) => client.socket.connected),
      () => `all clients to be back\n${this.#stories()}`,
    );
    await this.#venue.settled();
    for (let i = 0; i < 2; ++i) await Promise.all(musicians.map(({ client }) => client.caughtUp()));
    return [...this.#missing(before), ...this.#views()];
  }

  #missing(before) {
    const faults = [];
    const say = (text, was) => faults.push(`${was.one.title} (${was.id}): ${text}; before: ${JSON.stringify({
      roomCode: was.roomCode, name: was.name, pending: was.pending,
    })}`);
    const members = new Map();
    for (const was of before) {
      const { one, roomCode, pending, from } = was;
      const { client } = one;
      const heard = client.transcript.slice(from);
      const states = heard.filter(([event]) => event === 'session:joined').map(([, payload]) => payload);
      // If its server was killed in the middle of a move, the event loop of the former room may be the first to answer.
      const former = new Set(was.left);
      if (pending?.event === 'session:join' || pending?.event === 'session:create') former.add(roomCode);
      const isOne = this.#loops === 1 || states.slice(0, -1).some(({ roomCode: code }) => !former.has(code));
      if (states.length > 1 && isOne) say(`was told ${states.length} times where it is`, was);
      const state = states.at(-1);
      const now = state?.roomCode ?? null;
      if (state && !state.resumed) say('session:joined without resumed', was);
      if (state && !client.socket.recovered) say('is in a room, but not recovered', was);
      if (state && client.id !== was.id) say(`has another id, ${client.id}`, was);
      if (roomCode !== null && pending === null) {
        ++this.counts.kept;
        if (now !== roomCode) say(`is in ${now} now`, was);
      }
      // A leave takes effect at once, and is written a moment later: a kill in that moment undoes it.
      const isUndone = roomCode === null && now !== null && (now === one.lastLeft || one.left.has(now));
      if (isUndone) ++this.counts.lostLeaves;
      if (roomCode === null && pending === null && now !== null && !isUndone) say(`is in ${now} now`, was);
      if (pending !== null) {
        ++this.counts.unanswered;
        const allowed = [roomCode];
        if (pending.event === 'session:leave') allowed.push(null);
        if (pending.event === 'session:join') allowed.push(pending.payload.roomCode);
        const isNew = pending.event === 'session:create' && now !== null;
        if (now !== roomCode || isNew) ++this.counts.tookEffect;
        // From one event loop to another, the old seat is given up before the new one is written.
        const isLost = this.#loops > 1 && pending.event === 'session:join' && roomCode !== null && now === null;
        if (isLost) ++this.counts.lostMoves;
        if (!isNew && !isUndone && !isLost && !allowed.includes(now)) say(`is in ${now} now`, was);
      }
      if (state) {
        const listed = [...state.participants, ...(state.away ?? [])];
        const self = listed.find(({ id }) => id === client.id);
        const names = [was.name, pending?.payload.name];
        if (!self) say('is not in its own list', was);
        else if (!isUndone && !names.includes(self.name)) say(`is called ${self.name} now`, was);
        // As it shows them now: what a process has left half done may have been put in order since it is back.
        const { present, away } = viewOf(client);
        const ids = [...present.keys(), ...away.keys()];
        const known = members.get(now) ?? ids;
        if ([...known].sort().join() !== [...ids].sort().join()) say(`got another list of ${now}`, was);
        members.set(now, ids);
        one.name = self?.name ?? one.name;
      }
      one.settle(now);
    }
    const byId = new Map(before.map((was) => [was.id, was]));
    for (const [code, ids] of members) {
      for (const id of ids) {
        const was = byId.get(id);
        if (!was) faults.push(`${id} is in ${code}, and nobody's`);
        else if (was.one.roomCode !== code) say(`is in ${code} for others, and in ${was.one.roomCode} for itself`, was);
      }
    }
    for (const told of before) {
      const { roomCode: code, present, away } = told.view;
      for (const id of code === null ? [] : [...present.keys(), ...away.keys()]) {
        const was = byId.get(id);
        if (!was) {
          faults.push(`${told.one.title} was told of ${id} in ${code}, who is nobody`);
          continue;
        }
        ++this.counts.memberships;
        const { pending } = was;
        const mayLeave = pending !== null && was.roomCode === code &&
          ['session:leave', 'session:create', 'session:join'].includes(pending.event);
        const hasLeft = was.roomCode !== code && was.left.has(code);
        if (mayLeave || hasLeft || members.get(code)?.includes(id)) continue;
        say(`${told.one.title} was told of it in ${code}, where it is not now`, was);
      }
    }
    return faults;
  }

  /** What each member shows now: nobody is away, and who counts +1 and −1 has the right number. */
  #views() {
    const faults = [];
    for (const { client, title, roomCode } of this.musicians) {
      if (roomCode === null) continue;
      const view = viewOf(client);
      const there = this.musicians.filter((one) => one.roomCode === roomCode);
      const ids = there.map(({ id }) => id).sort();
      const shown = [...view.present.keys()].sort();
      if (view.roomCode !== roomCode) faults.push(`${title} shows ${view.roomCode}, and is in ${roomCode}`);
      if (view.away.size > 0) faults.push(`${title} shows ${[...view.away.keys()]} as away in ${roomCode}`);
      if (shown.join() !== ids.join()) faults.push(`${title} shows ${shown} in ${roomCode}, not ${ids}`);
      if (view.count !== ids.length) faults.push(`${title} counts ${view.count} in ${roomCode}, not ${ids.length}`);
      for (const one of there) {
        const name = view.present.get(one.id);
        if (name !== one.name) faults.push(`${title} shows ${one.title} as ${name}, not ${one.name}`);
      }
    }
    return faults;
  }
}
