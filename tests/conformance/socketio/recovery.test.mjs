// Connection state recovery. Every scene is played twice, on the reference server (npm's socket.io)
// and on ours, with the same expectations.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { sleep } from '../support/patience.mjs';
import { Peer, sessions } from '../support/recovery.mjs';
import { calm, reference, serve, tested } from '../support/server.mjs';

const servers = { 'the reference server': reference, 'our server': tested };

for (const [title, program] of Object.entries(servers)) {
  for (const [transport, Session] of Object.entries(sessions)) {
    describe(`recovery on ${title} over ${transport}`, () => {
      const server = serve('socketio', { ...calm, recovery: true }, program);
      const connect = (how) => Peer.connect(Session, server, how);

      /** A peer whose connection was cut. */
      async function lost(how) {
        const peer = await connect(how);
        await peer.session.cut();
        return peer;
      }

      async function assertRecovered(again, before, missed = []) {
        assert.deepEqual([again.id, again.pid, again.missed], [before.id, before.pid, missed]);
        assert.equal((await again.state()).recovered, true);
      }

      async function assertNew(again, before) {
        assert.equal(again.error, undefined);
        assert.notEqual(again.id, before.id);
        assert.notEqual(again.pid, before.pid);
        assert.deepEqual(again.missed, []);
        assert.deepEqual(await again.state(), { recovered: false, rooms: [again.id], data: {} });
      }

      test('each socket gets an id and a pid of its own', async () => {
        const one = await connect();
        const two = await connect();
        const custom = await Peer.join(one.session, { nsp: '/custom' });
        const all = [one, two, custom].flatMap(({ id, pid }) => [id, pid]);
        assert.equal(new Set(all).size, 6);
        await assertNew(one, two);
      });

      test('the last argument of an event is its offset', async () => {
        const peer = await connect();
        const offsets = new Set([peer.offset]);
        for (const i of [1, 2, 3]) {
          await peer.emit('message', i, 'text');
          const event = await peer.raw();
          assert.match(event, /^42\["message-back",\d,"text","[\w.-]+"\]$/);
          offsets.add(JSON.parse(event.slice(2)).pop());
        }
        assert.equal(offsets.size, 4);
      });

      test('all who get a broadcast get the same offset', async () => {
        const [one, two, from] = [await connect(), await connect(), await connect()];
        await from.emit('emit-to', [one.id, two.id], [], 'hi');
        assert.deepEqual([await one.next(), await two.next()], [['room-msg', 'hi'], ['room-msg', 'hi']]);
        assert.equal(one.offset, two.offset);
      });

      test('an event that asks for an acknowledgement has no offset, and is not sent again', async () => {
        const peer = await connect();
        await peer.emit('emit-with-ack', 1);
        const question = await peer.raw();
        assert.match(question, /^42\d+\["emit-with-ack",1\]$/);
        await peer.session.say(`43${/^42(\d+)/.exec(question)[1]}["answer"]`);
        assert.deepEqual(await peer.next(), ['emit-with-ack', 'answer']);
        await peer.emit('emit-with-ack', 2);
        assert.match(await peer.raw(), /^42\d+\["emit-with-ack",2\]$/);
        await peer.session.cut();
        await assertRecovered(await connect({ as: peer }), peer);
      });

      test('nothing was missed', async () => {
        const before = await lost();
        await assertRecovered(await connect({ as: before }), before);
      });

      test('what was missed comes before the answer to CONNECT', async () => {
        const [before, other] = [await connect(), await connect()];
        await before.ask('join', 'missed 1');
        await before.session.cut();
        await other.emit('broadcast', 1, { a: [null] });
        await other.emit('to-room', 'missed 1', 2);
        await other.emit('ns-room', 'missed 1', 3);
        await other.emit('to-room', before.id, 4);
        assert.equal((await other.state()).recovered, false);
        const again = await connect({ as: before });
        await assertRecovered(again, before, [
          ['broadcast-msg', 1, { a: [null] }],
          ['room-msg', 2],
          ['room-msg', 3],
          ['room-msg', 4],
        ]);
      });

      test('only what the socket would have got is sent again', async () => {
        const [before, other] = [await connect(), await connect()];
        await before.ask('join', 'in 1');
        await before.ask('join', 'in 2');
        await before.ask('join', 'left');
        await before.ask('leave', 'left');
        await before.session.cut();
        const [id, not] = [before.id, 'never joined'];
        for (const [i, [rooms, except]] of [
          [['left'], []],
          [[not], []],
          [['in 1', not], []],
          [['in 1', 'in 2'], []],
          [['in 1'], ['in 2']],
          [['in 1'], ['left', not]],
          [[id], ['in 1']],
          [[id], []],
          [[], [id]],
          [[], ['in 2', not]],
          [[], [not]],
        ].entries()) {
          await other.emit('emit-to', rooms, except, i);
        }
        // The sender itself is in none of these rooms, and gets what is for everyone else.
        for (const i of [8, 9, 10]) assert.deepEqual(await other.next(), ['room-msg', i]);
        const missed = [2, 3, 5, 7, 10].map((i) => ['room-msg', i]);
        await assertRecovered(await connect({ as: before }), before, missed);
      });

      test('a connected socket gets the same events as one that comes back', async () => {
        const [present, other] = [await connect(), await connect()];
        for (const room of ['both', 'second']) await present.ask('join', room);
        await other.emit('emit-to', ['both', 'second'], [], 1);
        await other.emit('emit-to', ['both'], ['second'], 2);
        await other.emit('emit-to', [present.id], ['both'], 3);
        await other.emit('broadcast', 4);
        assert.deepEqual(await present.next(), ['room-msg', 1]);
        assert.deepEqual(await present.next(), ['broadcast-msg', 4]);
      });

      test('the socket does not get its own broadcast when it comes back', async () => {
        const before = await connect();
        const offset = before.offset;
        await before.emit('broadcast', 'for the others');
        await before.emit('message', 'for itself');
        assert.deepEqual(await before.next(), ['message-back', 'for itself']);
        await before.session.cut();
        const again = await connect({ as: before, auth: { offset } });
        await assertRecovered(again, before, [['message-back', 'for itself']]);
      });

      test('the offset says from where on events were missed', async () => {
        const before = await connect();
        const offsets = [before.offset];
        for (const i of [1, 2, 3]) {
          await before.emit('message', i);
          assert.deepEqual(await before.next(), ['message-back', i]);
          offsets.push(before.offset);
        }
        await before.session.cut();
        const missed = [2, 3].map((i) => ['message-back', i]);
        const again = await connect({ as: before, auth: { offset: offsets[1] } });
        await assertRecovered(again, before, missed);
      });

      test("the offset may be of an event that was not the socket's own", async () => {
        const [before, other] = [await connect(), await connect()];
        await other.emit('message', 'not for it');
        assert.deepEqual(await other.next(), ['message-back', 'not for it']);
        await other.emit('broadcast', 1);
        assert.deepEqual(await before.next(), ['broadcast-msg', 1]);
        await before.session.cut();
        const again = await connect({ as: before, auth: { offset: other.offset } });
        await assertRecovered(again, before, [['broadcast-msg', 1]]);
      });

      test('missed attachments', async () => {
        const [before, other] = [await lost(), await connect()];
        const bytes = Buffer.from([0, 1, 2, 255]);
        await other.emit('broadcast', { bytes }, 'text', [bytes]);
        await other.emit('broadcast', Buffer.alloc(0));
        await other.state();
        const again = await connect({ as: before });
        await assertRecovered(again, before, [
          ['broadcast-msg', { bytes }, 'text', [bytes]],
          ['broadcast-msg', Buffer.alloc(0)],
        ]);
      });

      test('rooms and data are restored', async () => {
        const before = await connect();
        await before.ask('join', 'b');
        await before.ask('join', 'a');
        await before.ask('set-data', { name: 'Ada' });
        await before.session.cut();
        const again = await connect({ as: before });
        const rooms = [before.id, 'b', 'a'];
        const data = { value: { name: 'Ada' } };
        assert.deepEqual(await again.state(), { recovered: true, rooms, data });
        await again.ask('leave', 'b');
        await again.ask('join', 'c');
        await again.session.cut();
        const third = await connect({ as: again });
        const later = [before.id, 'a', 'c'];
        assert.deepEqual(await third.state(), { recovered: true, rooms: later, data });
      });

      test('a socket that comes back gets events and can be acknowledged', async () => {
        const before = await connect();
        await before.ask('join', 'back');
        await before.session.cut();
        const [again, other] = [await connect({ as: before }), await connect()];
        await other.emit('to-room', 'back', 1);
        assert.deepEqual(await again.next(), ['room-msg', 1]);
        await again.emit('ns-room', 'back', 2);
        assert.deepEqual(await again.next(), ['room-msg', 2]);
      });

      test('twice in a row', async () => {
        const [before, other] = [await connect(), await connect()];
        let last = before;
        for (const i of [1, 2]) {
          await last.session.cut();
          await other.emit('to-room', before.id, i);
          await other.state();
          const again = await connect({ as: last });
          await assertRecovered(again, before, [['room-msg', i]]);
          last = again;
        }
      });

      test('twice in a row, with the offset of the first time', async () => {
        const [before, other] = [await lost(), await connect()];
        await other.emit('to-room', before.id, 1);
        await other.state();
        const second = await connect({ as: before });
        await second.session.cut();
        const third = await connect({ as: before });
        const greeting = ['auth', { pid: before.pid, offset: before.offset }];
        await assertRecovered(third, before, [['room-msg', 1], greeting]);
      });

      test('over the other transport', async () => {
        const before = await lost();
        const opposite = sessions[transport === 'polling' ? 'websocket' : 'polling'];
        await assertRecovered(await Peer.connect(opposite, server, { as: before }), before);
      });

      test('each namespace of a client recovers on its own', async () => {
        const main = await connect();
        const custom = await Peer.join(main.session, { nsp: '/custom' });
        await custom.ask('join', 'room');
        await main.session.cut();
        const other = await connect({ nsp: '/custom' });
        await other.emit('to-room', 'room', 1);
        await other.state();
        const again = await connect({ as: custom });
        await assertRecovered(again, custom, [['room-msg', 1]]);
        await assertRecovered(await Peer.join(again.session, { as: main }), main);
      });

      test('what is sent with CONNECT is the handshake of a socket that comes back', async () => {
        const before = await lost({ auth: { token: 'old' } });
        const again = await connect({ as: before, auth: { token: 'new' } });
        await assertRecovered(again, before); // its greeting was checked while it connected
      });

      test('a middleware runs for a new socket, and not for one that comes back', async () => {
        const before = await lost();
        const refused = await connect({ as: before, auth: { refuse: true, offset: 'unknown' } });
        assert.deepEqual(refused.error, { message: 'refused' });
        await assertRecovered(await connect({ as: before, auth: { refuse: true } }), before);
      });

      for (const [what, auth] of [
        ['no offset', { offset: undefined }],
        ['null for an offset', { offset: null }],
        ['a number for an offset', { offset: 1 }],
        ['an unknown offset', { offset: 'unknown' }],
        ['an empty offset', { offset: '' }],
        ['no pid', { pid: undefined }],
        ['null for a pid', { pid: null }],
        ['a list for a pid', { pid: ['a'] }],
        ['an empty pid', { pid: '' }],
        ['a short unknown pid', { pid: 'unknown' }],
        ['an unknown pid', { pid: 'A'.repeat(20) }],
        ['an unknown pid of our length', { pid: 'A'.repeat(32) }],
      ]) {
        test(`${what} recovers nothing, and takes nothing away`, async () => {
          const before = await connect();
          await before.ask('join', 'room');
          await before.ask('set-data', 1);
          await before.session.cut();
          await assertNew(await connect({ as: before, auth }), before);
          await assertRecovered(await connect({ as: before }), before);
        });
      }

      test('a socket that got no event has no offset to show', async () => {
        const before = await lost({ nsp: '/quiet' });
        assert.equal(before.offset, undefined);
        await assertNew(await connect({ as: before }), before);
      });

      test('an id is no pid', async () => {
        const before = await lost();
        await assertNew(await connect({ as: before, auth: { pid: before.id } }), before);
      });

      test('the pid and the offset of another namespace are unknown', async () => {
        const main = await lost();
        const custom = await lost({ nsp: '/custom' });
        const { pid, offset } = main;
        await assertNew(await connect({ as: custom, auth: { pid, offset } }), main);
        await assertNew(await connect({ as: custom, auth: { pid } }), main);
        await assertNew(await connect({ as: custom, auth: { offset } }), custom);
        await assertRecovered(await connect({ as: custom }), custom);
        await assertRecovered(await connect({ as: main }), main);
      });

      test('a socket whose connection is open cannot be recovered', async () => {
        const before = await connect();
        await assertNew(await connect({ as: before }), before);
        assert.equal((await before.state()).recovered, false);
      });

      test('a socket that left the namespace cannot be recovered', async () => {
        const before = await connect();
        await before.leave();
        await assertNew(await Peer.join(before.session, { as: before }), before);
        await assertNew(await connect({ as: before }), before);
      });

      for (const close of [false, true]) {
        test(`a socket that the server disconnected cannot be recovered (${close})`, async () => {
          const before = await connect();
          await before.emit('server-disconnect', close);
          assert.equal(await before.raw(), '41');
          if (close) await before.session.ended();
          await assertNew(await connect({ as: before }), before);
        });
      }

      test('a session of an earlier loss outlives a DISCONNECT', async () => {
        const before = await connect();
        await before.ask('join', 'early');
        await before.session.cut();
        const again = await connect({ as: before });
        await again.ask('join', 'late');
        await again.ask('set-data', 1);
        await again.leave();
        const third = await connect({ as: again });
        const rooms = [before.id, 'early'];
        assert.equal(third.id, before.id);
        assert.deepEqual(await third.state(), { recovered: true, rooms, data: { value: 1 } });
      });

      test('a connection that the server closed can be recovered', async () => {
        const before = await connect();
        await before.emit('close-transport');
        await before.session.ended();
        await assertRecovered(await connect({ as: before }), before);
      });

      test('a client that broke the protocol of Socket.IO can come back', async () => {
        for (const broken of ['4no packet', '40', '42/custom,["not joined"]']) {
          const before = await connect();
          await before.session.say(broken);
          await before.session.ended();
          await assertRecovered(await connect({ as: before }), before);
        }
      });

      test('a client that broke the protocol of Engine.IO cannot', async () => {
        const before = await connect();
        // Over polling the response says so: 200 only from the reference server.
        await before.session.say('no packet').catch(() => {});
        await before.session.ended();
        await assertNew(await connect({ as: before }), before);
      });
    });
  }

  describe(`recovery on ${title}, and time`, () => {
    const short = serve('socketio', { ...calm, recovery: 1 }, program);
    // Time enough to connect before the first ping, also on a slow machine.
    const impatient = serve(
      'socketio',
      { 'ping-interval': 5_000, 'ping-timeout': 500, recovery: true },
      program,
    );
    const Session = sessions.websocket;

    test('a session expires', async () => {
      const before = await Peer.connect(Session, short);
      await before.session.cut();
      await sleep(20);
      const again = await Peer.connect(Session, short, { as: before });
      assert.notEqual(again.id, before.id);
      assert.notEqual(again.pid, before.pid);
      const fresh = { recovered: false, rooms: [again.id], data: {} };
      assert.deepEqual(await again.state(), fresh);
    });

    test('a client that answers no ping can come back', async () => {
      const before = await Peer.connect(Session, impatient);
      assert.equal(await before.raw(), '2');
      await before.session.ended();
      const again = await Peer.connect(Session, impatient, { as: before });
      assert.deepEqual([again.id, again.pid], [before.id, before.pid]);
    });
  });

  describe(`volatile events on ${title}`, () => {
    const server = serve('socketio', { ...calm, recovery: true }, program);

    test('have no offset, and are not sent again', async () => {
      const before = await Peer.connect(sessions.websocket, server);
      await before.ask('join', 'so that the socket is idle when it sends');
      await before.emit('volatile', 1);
      assert.equal(await before.raw(), '42["volatile-msg",1]');
      await before.session.cut();
      const again = await Peer.connect(sessions.websocket, server, { as: before });
      assert.deepEqual([again.id, again.missed], [before.id, []]);
    });
  });
}
