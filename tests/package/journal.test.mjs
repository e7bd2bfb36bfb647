// Sessions that outlast their server, in a journal in memory or of one's own.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { connected, createServer, join, next, project, replay, serve, serveVirtually, several } from './support/jam.mjs';

const { indexedDBJournal, JournalError, memoryJournal } = await project.import('downbeat-server');

/** The link of a client to the next server. */
function reconnect(socket, server) {
  socket.io.opts.transports = [server.transport];
}

/** A session of Alice and Bob, whose joins have been heard. */
async function duo(t, server, options) {
  const [alice, bob] = [0, 1].map(() => join(t, server.transport, options));
  const { roomCode } = await alice.emitWithAck('session:create', { name: 'Alice' });
  const heard = next(alice, 'session:user-joined');
  await bob.emitWithAck('session:join', { roomCode, name: 'Bob' });
  await heard;
  return { alice, bob, roomCode, ids: [alice.id, bob.id] };
}

/** Has clients connect to this server, and waits until each is in its seat again. */
async function bring(clients, server) {
  const joined = clients.map((client) => next(client, 'session:joined'));
  for (const client of clients) {
    reconnect(client, server);
    client.connect();
  }
  return Promise.all(joined);
}

const namesIn = (server) =>
  server.snapshot().sessions.map(({ participants, away = [] }) =>
    [...participants, ...away].map(({ name }) => name),
  );

async function expectReplay(server) {
  const { difference, inputs } = await replay(server.trace);
  assert.equal(difference, null);
  assert.ok(inputs > 1);
}

const unreadable = (code) => (error) => error instanceof JournalError && error.code === code;

describe('A journal in memory', () => {
  it('keeps sessions and seats when the server is closed', async (t) => {
    const journal = memoryJournal();
    let server = await serve(t, { journal });
    assert.ok(!('journal' in server.settings));
    const { alice, bob, roomCode, ids } = await duo(t, server);
    for (let round = 0; round < 3; ++round) {
      const closing = [alice, bob].map((client) => next(client, 'server:closing'));
      const ends = [alice, bob].map((client) => next(client, 'disconnect'));
      const former = server;
      await server.close();
      for (const { withinMs, resumes } of await Promise.all(closing)) {
        assert.deepEqual([withinMs, resumes], [0, true]);
      }
      assert.deepEqual(await Promise.all(ends), ['transport close', 'transport close']);
      await expectReplay(former);

      server = await serve(t, { journal });
      assert.ok(server.trace.some((line) => / > room-restored /.test(line)));
      assert.deepEqual(namesIn(server), [['Alice', 'Bob']]);
      for (const state of await bring([alice, bob], server)) {
        assert.deepEqual([state.roomCode, state.resumed], [roomCode, true]);
      }
      assert.deepEqual([alice.id, bob.id], ids);
      assert.ok(alice.recovered && bob.recovered);
    }
    const played = next(bob, 'session:event');
    assert.equal((await alice.emitWithAck('session:event', { type: 'note', data: 1 })).ok, true);
    assert.deepEqual(await played, { userId: ids[0], type: 'note', data: 1 });
    await expectReplay(server);
  });

  it('has all that was acknowledged when the server is as if killed', async (t) => {
    const journal = memoryJournal();
    const killed = await serve(t, { journal });
    const { alice, bob, ids } = await duo(t, killed, { reconnection: false });
    assert.equal((await bob.emitWithAck('session:update', { name: 'Bobby' })).ok, true);
    journal.abandon();
    const refused = await alice.emitWithAck('session:update', { name: 'Alicia' });
    assert.equal(refused.error.code, 'try_again');

    const server = await serve(t, { journal });
    assert.deepEqual(namesIn(server), [['Alice', 'Bobby']]);
    const ends = [alice, bob].map((client) => next(client, 'disconnect'));
    killed.link.drop();
    await Promise.all(ends);
    await bring([alice, bob], server);
    assert.deepEqual([alice.id, bob.id], ids);
    // The server that was killed can do nothing to the next one's sessions.
    await killed.close();
    assert.equal((await bob.emitWithAck('session:update', { name: 'Bob' })).ok, true);
    assert.deepEqual(journal.roomCodes.length, 1);
  });

  it('opens a seat for a resume token, as after a reload', async (t) => {
    const journal = memoryJournal();
    const first = await serve(t, { journal });
    const page = join(t, first.transport, { auth: { resume: true }, reconnection: false });
    const { roomCode, resumeToken } = await page.emitWithAck('session:create', { name: 'Alice' });
    const { id } = page;
    await first.close();
    const server = await serve(t, { journal });
    const again = join(t, server.transport, { auth: { resume: true, resumeToken } });
    const state = await next(again, 'session:joined');
    assert.deepEqual([state.roomCode, state.resumed, again.id], [roomCode, true, id]);
  });

  it('has nothing of sessions that have ended, and everything of long ones', async (t) => {
    const journal = memoryJournal();
    const first = await serve(t, { journal });
    const { alice, bob, roomCode } = await duo(t, first, { reconnection: false });
    for (let i = 0; i < 200; ++i) await bob.emitWithAck('session:update', { name: `Bob ${i}` });
    const other = join(t, first.transport);
    const { roomCode: brief } = await other.emitWithAck('session:create', { name: 'Carol' });
    assert.deepEqual(journal.roomCodes, [roomCode, brief]);
    await other.emitWithAck('session:leave', { roomCode: brief });
    await first.close();
    assert.deepEqual(journal.roomCodes, [roomCode]);
    const server = await serve(t, { journal });
    assert.deepEqual(namesIn(server), [['Alice', 'Bob 199']]);
    alice.disconnect();
  });

  it('belongs to one server at a time', async (t) => {
    const journal = memoryJournal();
    const server = await serve(t, { journal });
    await assert.rejects(createServer({ journal }), unreadable('journal_in_use'));
    await server.close();
    await serve(t, { journal });
  });

  it('has a newcomer get other ids than those that are kept, with the same seed', async (t) => {
    const journal = memoryJournal();
    const first = await serveVirtually(t, { journal });
    const { ids } = await duo(t, first, { reconnection: false });
    await first.close();
    const server = await serveVirtually(t, { journal });
    const carol = join(t, server.transport);
    await connected(carol);
    assert.ok(!ids.includes(carol.id));
    assert.equal((await carol.emitWithAck('session:create', { name: 'Carol' })).ok, true);
    assert.deepEqual(namesIn(server), [['Alice', 'Bob'], ['Carol']]);
  });
});

describe('A slow journal', () => {
  it('is as slow as it says, on virtual time', async (t) => {
    const journal = memoryJournal({ delayMs: 50 });
    const server = await serveVirtually(t, { journal });
    const alice = join(t, server.transport);
    await connected(alice);
    let created;
    alice.on('session:created', (payload) => (created = payload));
    alice.emit('session:create', { name: 'Alice' });
    await server.advance(49);
    assert.equal(created, undefined);
    assert.deepEqual(journal.roomCodes, []);
    await server.advance(1);
    assert.deepEqual(journal.roomCodes, [created.roomCode]);
  });

  it('gives the same trace in each run', async (t) => {
    const play = async () => {
      const journal = memoryJournal({ delayMs: 30 });
      const first = await serveVirtually(t, { journal });
      const [alice, bob] = [0, 1].map(() =>
        join(t, first.createLink({ latencyMs: 20, jitterMs: 9 }).transport, { reconnection: false }),
      );
      await first.advance(200);
      const created = next(alice, 'session:created');
      alice.emit('session:create', { name: 'Alice' });
      await first.advance(200);
      const { roomCode } = await created;
      bob.emit('session:join', { roomCode, name: 'Bob' });
      alice.emit('session:update', { name: 'Alicia' });
      await first.advance(35);
      await first.close();
      const second = await serveVirtually(t, { journal });
      await second.advance(10_000);
      await expectReplay(second);
      return [...first.trace, ...second.trace];
    };
    const [once, twice] = [await play(), await play()];
    assert.deepEqual(once, twice);
    assert.ok(once.some((line) => / > appended \d/.test(line)));
  });

  it('gets what it does not have yet when the server is closed', async (t) => {
    const journal = memoryJournal();
    const server = await serveVirtually(t, { journal });
    const { alice, bob, roomCode } = await duo(t, server, { reconnection: false });
    journal.delayMs = 60_000;
    // The others hear of a leave at once. It is acknowledged when the journal has it.
    const heard = new Promise((resolve) => alice.once('session:user-left', resolve));
    const answered = bob.emitWithAck('session:leave', { roomCode }).then(() => true, () => false);
    await heard;
    await server.close();
    assert.equal(await answered, false);
    const next = await serveVirtually(t, { journal });
    assert.deepEqual(namesIn(next), [['Alice']]);
    alice.disconnect();
  });
});

describe('A journal that fails', () => {
  it('has its clients try again, and loses nobody who leaves', async (t) => {
    const journal = memoryJournal();
    const server = await serveVirtually(t, { journal });
    const { alice, bob, roomCode } = await duo(t, server, { reconnection: false });
    assert.equal(server.journalError, undefined);
    journal.fault = 'failed';
    const { error } = await alice.emitWithAck('session:update', { name: 'Alicia' });
    assert.equal(error.code, 'try_again');
    assert.match(server.journalError.message, /append has failed/);
    // What takes away is never refused, and written later.
    assert.equal((await bob.emitWithAck('session:leave', { roomCode })).ok, true);
    await server.advance(10_000);
    assert.deepEqual(namesIn(server), [['Alice']]);
    journal.fault = undefined;
    await server.advance(10_000);
    assert.equal(server.journalError, undefined);
    await expectReplay(server);
    journal.abandon();
    assert.deepEqual(namesIn(await serveVirtually(t, { journal })), [['Alice']]);
  });

  it('that cannot say what became of an append is asked until it can', async (t) => {
    const journal = memoryJournal();
    const server = await serveVirtually(t, { journal });
    const { alice } = await duo(t, server);
    journal.fault = 'unknown';
    let answer;
    const asked = alice.emitWithAck('session:update', { name: 'Alicia' }).then((it) => (answer = it));
    await server.advance(2000);
    assert.equal(answer, undefined);
    journal.fault = undefined;
    await server.advance(500);
    assert.equal((await asked).ok, true);
    assert.ok(server.trace.some((line) => / > append-unknown \d/.test(line)));
    await expectReplay(server);
  });
});

/** A journal of one's own, as the README has it, with `append` to be replaced. */
function ownJournal() {
  const logs = new Map();
  const journal = {
    logs,
    closed: 0,
    async open(evolve) {
      return {
        states: [...logs.values()].map((log) => evolve(undefined, log)),
        append: (batch) => journal.append(batch),
        async close() {
          ++journal.closed;
        },
      };
    },
    async append(batch) {
      for (const { room, expectedHead, events, newHead } of batch) {
        if (newHead === 0) logs.delete(room);
        else if (expectedHead === 0) logs.set(room, [events]);
        else logs.get(room).push(events);
      }
      return batch.map(() => 'appended');
    },
  };
  return journal;
}

describe('A journal of one’s own', () => {
  it('keeps sessions', async (t) => {
    const journal = ownJournal();
    const first = await serve(t, { journal });
    const { alice, bob, ids } = await duo(t, first);
    await first.close();
    assert.equal(journal.closed, 1);
    const server = await serve(t, { journal });
    await bring([alice, bob], server);
    assert.deepEqual([alice.id, bob.id], ids);
  });

  it('is called once at a time, with what has come meanwhile', async (t) => {
    const journal = ownJournal();
    const server = await serve(t, { journal });
    const clients = Array.from({ length: 20 }, () => join(t, server.transport));
    await Promise.all(clients.map(connected));
    const { append } = journal;
    const sizes = [];
    let isWriting = false;
    journal.append = async (batch) => {
      assert.ok(!isWriting);
      isWriting = true;
      sizes.push(batch.length);
      await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
      isWriting = false;
      return append(batch);
    };
    const replies = await Promise.all(
      clients.map((client, i) => client.emitWithAck('session:create', { name: `Host ${i}` })),
    );
    assert.ok(replies.every(({ ok }) => ok));
    assert.equal(sizes.reduce((a, b) => a + b), 20);
    assert.equal(journal.logs.size, 20);
  });

  it('may have virtual time wait for its promises', async (t) => {
    const journal = ownJournal();
    const server = await serveVirtually(t, { journal });
    const alice = join(t, server.transport);
    await connected(alice);
    const { append } = journal;
    journal.append = async (batch) => {
      for (let i = 0; i < 20; ++i) await new Promise((resolve) => setTimeout(resolve, 1));
      return append(batch);
    };
    let answer;
    alice.emit('session:create', { name: 'Alice' }, (given) => (answer = given));
    await server.advance(0);
    assert.equal(answer.ok, true);
  });

  it('that has been appended to by others says so, and nobody is lost', async (t) => {
    const journal = ownJournal();
    const server = await serveVirtually(t, { journal });
    const { alice, bob, roomCode, ids } = await duo(t, server);
    const others = JSON.stringify([
      { v: 1, type: 'updated', room: roomCode, user: ids[1], name: 'Robert', instrument: 'unknown' },
    ]);
    const { append } = journal;
    journal.append = async () => {
      journal.append = append;
      journal.logs.get(roomCode).push(others);
      return [{ conflict: others }];
    };
    const heard = several(2, bob, 'session:user-updated');
    assert.equal((await alice.emitWithAck('session:update', { name: 'Alicia' })).ok, true);
    assert.deepEqual((await heard).map(({ user }) => user.name), ['Robert', 'Alicia']);
    assert.deepEqual(namesIn(server), [['Alicia', 'Robert']]);
    await expectReplay(server);
    await server.close();
    assert.deepEqual(namesIn(await serve(t, { journal })), [['Alicia', 'Robert']]);
  });

  for (const [what, append, message] of [
    ['rejects', () => Promise.reject(new Error('no space')), /no space/],
    ['throws', () => { throw new Error('no space'); }, /no space/],
    ['rejects with no error', () => Promise.reject(undefined), /undefined/],
    ['gives nothing', async () => undefined, /no result that an append can have/],
    ['gives too little', async () => [], /no result that an append can have/],
    ['gives something else', async (batch) => batch.map(() => 'done'), /no result that an append/],
    ['cannot say what became of an append, ever', async (batch) => batch.map(() => 'unknown'), /resolve/],
  ]) {
    it(`that ${what} costs the request, and no more`, async (t) => {
      const journal = ownJournal();
      const server = await serve(t, { journal });
      const { alice } = await duo(t, server);
      const right = journal.append;
      journal.append = append;
      const { error } = await alice.emitWithAck('session:update', { name: 'Alicia' });
      assert.equal(error.code, 'try_again');
      assert.match(server.journalError.message, message);
      journal.append = right;
      assert.equal((await alice.emitWithAck('session:update', { name: 'Alicia' })).ok, true);
      assert.equal(server.journalError, undefined);
    });
  }

  it('that cannot be opened is the error of createServer()', async () => {
    const error = new Error('the disk is away');
    await assert.rejects(createServer({ journal: { open: () => Promise.reject(error) } }), error);
  });

  it('with something in it that is no session is refused, and closed', async () => {
    const opened = (states) => {
      const journal = ownJournal();
      return {
        journal,
        open: async (evolve) => ({ ...(await journal.open(evolve)), states }),
      };
    };
    for (const state of ['{}', 'nonsense', '{"v":2}', '\n0 > shutdown', '']) {
      const journal = opened([state]);
      await assert.rejects(createServer({ journal }), unreadable('journal_damaged'));
      assert.equal(journal.journal.closed, 1);
    }
    const journal = ownJournal();
    journal.logs.set('MUSIC-42', ['[{"v":1,"type":"sung"}]']);
    await assert.rejects(createServer({ journal }), unreadable('journal_damaged'));
  });
});

describe('A journal that is none', () => {
  it('is refused', async () => {
    for (const journal of [null, true, 'memory', {}, []]) {
      await assert.rejects(createServer({ journal }), /journal must be memoryJournal\(\), .* or an object with open\(\)/);
    }
    assert.throws(() => memoryJournal({ delay: 5 }), /no option "delay"; it has delayMs and fault/);
    assert.throws(() => memoryJournal({ delayMs: -1 }), RangeError);
    assert.throws(() => memoryJournal({ fault: 'slow' }), /"failed", "unknown" or undefined, not "slow"/);
    assert.throws(() => memoryJournal(null), /takes an object of options, not null/);
    assert.throws(() => indexedDBJournal(''), /takes the name of a database, not ""/);
    assert.throws(() => indexedDBJournal('jam', { strict: true }), /no option "strict"/);
    assert.throws(() => indexedDBJournal('jam', { durability: 'disk' }), /"process" or "power", not "disk"/);
  });

  it('has no place in Node, where there is no IndexedDB', async () => {
    const journal = indexedDBJournal('jam', { waitMs: 0 });
    await assert.rejects(createServer({ journal }), unreadable('journal_unavailable'));
  });
});
