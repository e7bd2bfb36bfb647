// Clients that show what is no pid of theirs, or too often, or too late.
import assert from 'node:assert/strict';
import { describe } from 'node:test';

import { ways } from './support/client.mjs';
import { eventually } from './support/patience.mjs';
import { pipelined } from './support/pipelined.mjs';
import { RawPeer } from './support/raw.mjs';
import { heardOf, seats } from './support/seats.mjs';
import { Server } from './support/server.mjs';

const [overPolling, overWebSocket] = ways;

/** Sends a CONNECT with this JSON; what the server answers up to an event that it refuses. */
async function answersTo(peer, json) {
  peer.send(`40${json}`, '421["session:leave"]');
  const messages = [];
  for (;;) {
    const message = await peer.next();
    if (message.startsWith('431')) break;
    if (!message.startsWith('42["error"')) messages.push(message);
  }
  const [connect, ...rest] = messages;
  assert.match(connect, /^40\{/);
  return { ...JSON.parse(connect.slice(2)), events: rest.map((message) => JSON.parse(message.slice(2))) };
}

/** A member of a session that is its owner's alone, with its pid. */
async function owner({ server, enter }) {
  const peer = enter(await RawPeer.open(server.url, 'websocket'));
  peer.send('40');
  const { sid, pid } = JSON.parse((await peer.next()).slice(2));
  const { roomCode } = await peer.request('session:create', { name: 'Olga' });
  return { peer, id: sid, pid, roomCode };
}

/** Loses the connection of an owner, without a word. */
async function lose(server, { peer, id }) {
  peer.engine.transport.ws._socket.destroy();
  await peer.closed;
  await server.logged('participant away', id);
}

/** What somebody says of a seat who has it; fails if they do not. */
async function holds(peer, roomCode) {
  const { ok } = await peer.request('session:event', { type: 'note' });
  assert.equal(ok, true, `a member of ${roomCode} may play`);
}

describe('A CONNECT with something that is no pid', () => {
  const play = seats('--reconnect-grace', '60');
  const long = (length) => 'x'.repeat(length);

  const absent = {
    null: () => 'null',
    'a number': () => '12345678901234567890123456789012',
    true: () => 'true',
    'an object': (pid) => `{"pid":"${pid}"}`,
    'an array': (pid) => `["${pid}"]`,
    'an empty string': () => '""',
    'half a pid': (pid) => `"${pid.slice(0, 16)}"`,
    '21 characters': () => `"${long(21)}"`,
    '65 characters': () => `"${long(65)}"`,
    'two pids': (pid) => `"${pid}${pid}x"`,
    'an unpaired high surrogate': () => `"\\ud800${long(30)}"`,
    'an unpaired low surrogate': () => `"${long(30)}\\udc00"`,
    '64 KiB': () => `"${long(65_536 - 12)}"`,
  };
  for (const [title, text] of Object.entries(absent)) {
    play(`is a newcomer, who receives nothing else: ${title}`, async (stage) => {
      const olga = await owner(stage);
      const peer = stage.enter(await RawPeer.open(stage.server.url, 'websocket'));
      const { sid, pid, events } = await answersTo(peer, `{"pid":${text(olga.pid)}}`);
      assert.notEqual(sid, olga.id);
      assert.notEqual(pid, olga.pid);
      assert.match(pid, /^[\w-]{22,64}$/);
      assert.deepEqual(events, []);
      await holds(olga.peer, olga.roomCode);
    });
  }

  play('is closed if it is longer than a message may be', async (stage) => {
    const peer = stage.enter(await RawPeer.open(stage.server.url, 'websocket'));
    peer.send(`40{"pid":"${long(65_536)}"}`);
    await peer.expectClosed();
  });

  const unknown = {
    '22 characters': () => `"${long(22)}"`,
    '64 characters': () => `"${long(64)}"`,
    'one character more': (pid) => `"${pid}A"`,
    'one character less': (pid) => `"${pid.slice(1)}"`,
    'one other character': (pid) => `"${pid.slice(0, 5)}${pid[5] === 'A' ? 'B' : 'A'}${pid.slice(6)}"`,
    'a blank behind': (pid) => `"${pid} "`,
    'NUL behind': (pid) => `"${pid}\\u0000"`,
    'as many NULs': (pid) => `"${'\\u0000'.repeat(pid.length)}"`,
    'letters that look alike': (pid) => `"\\u0430${pid.slice(1, -1)}"`,
  };
  for (const [title, text] of Object.entries(unknown)) {
    play(`gets session:ended once: ${title}`, async (stage) => {
      const olga = await owner(stage);
      const peer = stage.enter(await RawPeer.open(stage.server.url, 'websocket'));
      const { sid, events } = await answersTo(peer, `{"pid":${text(olga.pid)}}`);
      assert.notEqual(sid, olga.id);
      assert.deepEqual(events, [['session:ended', { reason: 'unknown' }]]);
      // And may play as anybody.
      const { ok } = await peer.request('session:join', { roomCode: olga.roomCode, name: 'Mallory' });
      assert.equal(ok, true);
      await holds(olga.peer, olga.roomCode);
    });
  }

  play('in another namespace gets Invalid namespace, and the seat is not touched', async (stage) => {
    const olga = await owner(stage);
    const peer = stage.enter(await RawPeer.open(stage.server.url, 'websocket'));
    peer.send(`40/other,{"pid":"${olga.pid}"}`);
    assert.equal(await peer.next(), '44/other,{"message":"Invalid namespace"}');
    await holds(olga.peer, olga.roomCode);
    await lose(stage.server, olga);
    peer.send(`40/other,{"pid":"${olga.pid}"}`);
    assert.equal(await peer.next(), '44/other,{"message":"Invalid namespace"}');
    const { sid } = await answersTo(peer, `{"pid":"${olga.pid}"}`);
    assert.equal(sid, olga.id);
    await holds(peer, olga.roomCode);
  });
});

describe('A pid', () => {
  const play = seats('--reconnect-grace', '60');

  play('may be written with escapes', async (stage) => {
    const olga = await owner(stage);
    await lose(stage.server, olga);
    const escaped = [...olga.pid].map((one) => `\\u00${one.charCodeAt(0).toString(16)}`).join('');
    const peer = stage.enter(await RawPeer.open(stage.server.url, 'websocket'));
    const { sid, pid, events } = await answersTo(peer, `{"p\\u0069d":"${escaped}"}`);
    assert.deepEqual([sid, pid], [olga.id, olga.pid]);
    assert.deepEqual(events.map(([event, { resumed }]) => [event, resumed]), [['session:joined', true]]);
    await holds(peer, olga.roomCode);
  });

  play('given twice is the last one, as in every JSON', async (stage) => {
    const olga = await owner(stage);
    await lose(stage.server, olga);
    const other = 'x'.repeat(32);
    const first = stage.enter(await RawPeer.open(stage.server.url, 'websocket'));
    const refused = await answersTo(first, `{"pid":"${olga.pid}","pid":"${other}"}`);
    assert.deepEqual(refused.events, [['session:ended', { reason: 'unknown' }]]);
    const second = stage.enter(await RawPeer.open(stage.server.url, 'websocket'));
    const { sid } = await answersTo(second, `{"pid":"${other}","offset":1,"pid":"${olga.pid}"}`);
    assert.equal(sid, olga.id);
  });

  play('shown twice in one connection ends the connection, and the seat is kept', async (stage) => {
    const alice = stage.open(overWebSocket);
    await alice.until('connect');
    const olga = await owner(stage);
    alice.emit('session:join', { roomCode: olga.roomCode, name: 'Alice' });
    await alice.until('session:joined');
    await lose(stage.server, olga);
    assert.equal((await alice.until('session:user-left')).away, true);
    for (let i = 0; i < 3; ++i) {
      const peer = stage.enter(await RawPeer.open(stage.server.url, 'websocket'));
      peer.send(`40{"pid":"${olga.pid}"}`, `40{"pid":"${olga.pid}"}`);
      await peer.expectClosed();
      assert.equal((await alice.until('session:user-joined')).back, true);
      assert.equal((await alice.until('session:user-left')).away, true);
    }
    const peer = stage.enter(await RawPeer.open(stage.server.url, 'websocket'));
    assert.equal((await answersTo(peer, `{"pid":"${olga.pid}"}`)).sid, olga.id);
  });

  for (const state of ['present', 'away']) {
    play(`shown by twelve at once, its owner ${state}, is the seat of one of them`, async (stage) => {
      const alice = stage.open(overWebSocket);
      await alice.until('connect');
      const olga = await owner(stage);
      alice.emit('session:join', { roomCode: olga.roomCode, name: 'Alice' });
      await alice.until('session:joined');
      if (state === 'away') {
        await lose(stage.server, olga);
        await alice.until('session:user-left');
      }
      const all = Array.from({ length: 12 }, () =>
        stage.enter(pipelined(stage.server, `40{"pid":"${olga.pid}"}`, '421["session:event",{"type":"note"}]')),
      );
      // One that was opened earlier, and comes to its turn when a later one has the seat, is closed without a word.
      const isLate = ({ hasEnded, said }) => hasEnded && !said.includes('40{');
      const isAnswered = ({ said }) => /taken_over|431\[\{"ok":true\}\]/.test(said);
      const holders = () => all.filter((one) => !isLate(one) && !one.said.includes('"reason":"taken_over"'));
      await eventually(
        () => all.every((one) => isAnswered(one) || isLate(one)) && holders().length === 1,
        () => all.map((one) => one.story()).join(''),
      );
      const [last] = holders();
      for (const one of all.filter((each) => !isLate(each))) {
        assert.ok(one.said.includes(`40{"sid":"${olga.id}","pid":"${olga.pid}"}`), one.story());
      }
      last.send('42["session:event",{"type":"last"}]');
      await eventually(
        () => alice.transcript.some(([event, payload]) => event === 'session:event' && payload.type === 'last'),
        () => alice.story(),
      );
      const words = heardOf(alice, olga.id);
      assert.deepEqual(words, state === 'away' ? ['away', 'back'] : []);
    });
  }

  play('that two greedy tabs fight for costs the others nothing', async (stage) => {
    const { server, open } = stage;
    const alice = open(overWebSocket);
    await alice.until('connect');
    alice.emit('session:create', { name: 'Alice' });
    const { roomCode } = await alice.until('session:created');
    const first = open(overWebSocket);
    await first.until('connect');
    first.emit('session:join', { roomCode, name: 'Bob' });
    await first.until('session:joined');
    const { id } = first;
    const pid = first.socket._pid;
    let isGreedy = true;
    const tabs = [first, open(overPolling, { auth: { pid } })];
    for (const { socket } of tabs) socket.on('disconnect', () => isGreedy && setImmediate(() => socket.connect()));
    const taken = () => server.lines('seat taken over', id).length;
    await eventually(() => taken() >= 15, () => `15 takeovers; there were ${taken()}`);
    isGreedy = false;
    const holders = () => tabs.filter(({ socket }) => socket.connected);
    await eventually(
      () => holders().length === 1 && tabs.every(({ socket }) => socket.connected || !socket.active),
      () => tabs.map((tab) => tab.story()).join(''),
    );
    const [holder] = holders();
    assert.equal(holder.id, id);
    const { ok } = await holder.request('session:event', { type: 'note', data: 1 });
    assert.equal(ok, true);
    assert.equal((await alice.until('session:event')).userId, id);
    assert.deepEqual(heardOf(alice, id), ['joined']);
  });

  play('of a client in no session is not remembered, and nothing is said of it', async (stage) => {
    const peer = stage.enter(await RawPeer.open(stage.server.url, 'websocket'));
    peer.send('40');
    const { sid, pid } = JSON.parse((await peer.next()).slice(2));
    // While it is there, it may move to another connection.
    const second = stage.enter(await RawPeer.open(stage.server.url, 'websocket'));
    const moved = await answersTo(second, `{"pid":"${pid}"}`);
    assert.deepEqual([moved.sid, moved.events], [sid, []]);
    assert.equal(await peer.next(), '41');
    await peer.expectClosed();
    second.close();
    await stage.server.logged('client disconnected', sid, 'transport');
    const third = stage.enter(await RawPeer.open(stage.server.url, 'websocket'));
    const { sid: fresh, events } = await answersTo(third, `{"pid":"${pid}"}`);
    assert.notEqual(fresh, sid);
    assert.deepEqual(events, []);
  });

  for (const [title, leave] of [
    ['session:leave', (peer, roomCode) => peer.request('session:leave', { roomCode })],
    ['DISCONNECT', async (peer) => peer.send('41')],
  ]) {
    play(`of somebody who has left by ${title} is a newcomer's`, async (stage) => {
      const olga = await owner(stage);
      await leave(olga.peer, olga.roomCode);
      await stage.server.logged('session left', olga.id);
      olga.peer.close();
      await stage.server.logged('client disconnected', olga.id);
      const peer = stage.enter(await RawPeer.open(stage.server.url, 'websocket'));
      const { sid, events } = await answersTo(peer, `{"pid":"${olga.pid}"}`);
      assert.notEqual(sid, olga.id);
      assert.deepEqual(events, []);
    });
  }

  play('of another server is unknown', async (stage) => {
    const other = await Server.start('--reconnect-grace', '60', '--drain-timeout', '0');
    try {
      const olga = await owner({ ...stage, server: other });
      const peer = stage.enter(await RawPeer.open(stage.server.url, 'websocket'));
      const { events } = await answersTo(peer, `{"pid":"${olga.pid}"}`);
      assert.deepEqual(events, [['session:ended', { reason: 'unknown' }]]);
      await holds(olga.peer, olga.roomCode);
    } finally {
      await other.stop();
    }
  });
});

describe('A pid whose grace is over', () => {
  const play = seats('--reconnect-grace', '1');

  play('gets session:ended each time it is shown', async (stage) => {
    const olga = await owner(stage);
    await lose(stage.server, olga);
    await stage.server.logged('seat ended', olga.id, 'reason=expired');
    for (let i = 0; i < 2; ++i) {
      const peer = stage.enter(await RawPeer.open(stage.server.url, 'websocket'));
      const { sid, events } = await answersTo(peer, `{"pid":"${olga.pid}"}`);
      assert.notEqual(sid, olga.id);
      assert.deepEqual(events, [['session:ended', { reason: 'expired' }]]);
    }
  });

  play('is either still good or over, in the moment of expiry', async (stage) => {
    const alice = stage.open(overWebSocket);
    await alice.until('connect');
    const band = [];
    for (let i = 0; i < 10; ++i) band.push(await owner(stage));
    await Promise.all(band.map((olga) => lose(stage.server, olga)));
    // Returns that begin before and after the end of the grace.
    const returns = band.map(async ({ id, pid, roomCode }, i) => {
      await new Promise((resolve) => setTimeout(resolve, 955 + 10 * i));
      const peer = stage.enter(await RawPeer.open(stage.server.url, 'websocket'));
      const { sid, events } = await answersTo(peer, `{"pid":"${pid}"}`);
      if (sid === id) {
        assert.deepEqual(events.map(([event, { resumed }]) => [event, resumed]), [['session:joined', true]]);
        return holds(peer, roomCode);
      }
      assert.deepEqual(events, [['session:ended', { reason: 'expired' }]]);
      assert.equal((await peer.request('session:join', { roomCode, name: 'Olga' })).ok, false);
    });
    await Promise.all(returns);
  });
});
