// Memory does not grow, however many sessions come and go. The long run is
// DOWNBEAT_SESSIONS=1000000 node --test memory.test.mjs
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { eventually } from '../e2e/support/patience.mjs';
import { createServer, duet, next, replay, serve } from './support/jam.mjs';

// As node --expose-gc would give it.
setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc');

const sessions = Number(process.env.DOWNBEAT_SESSIONS ?? 50_000);

/** A client of few words, on the transport itself. */
class Visitor {
  constructor(server) {
    this.transport = new server.transport({
      query: { EIO: 4, transport: 'downbeat' },
      socket: { binaryType: 'arraybuffer' },
    });
    this.transport.on('packet', ({ data }) => this.hear?.(data));
  }

  /** Sends a message, and waits for one that begins like this. */
  say(data, answer) {
    return new Promise((resolve) => {
      this.hear = (heard) => heard?.startsWith(answer) && resolve(heard);
      this.transport.send([{ type: 'message', data }]);
    });
  }

  async come() {
    await new Promise((resolve) => this.transport.on('open', resolve).open());
    await this.say('0', '0');
  }

  leave() {
    this.transport.close();
  }
}

async function visit(server, name) {
  const [alice, bob] = [new Visitor(server), new Visitor(server)];
  await Promise.all([alice.come(), bob.come()]);
  const created = await alice.say(`20["session:create",{"name":"${name}"}]`, '30');
  const { roomCode } = JSON.parse(created.slice(2))[0];
  await bob.say(`20["session:join",{"roomCode":"${roomCode}","name":"Bob"}]`, '30');
  alice.leave();
  await bob.say(`20["session:leave",{"roomCode":"${roomCode}"}]`, '30');
  bob.leave();
}

describe('A server', () => {
  it(`has ${sessions} sessions made and left in constant memory`, async (t) => {
    // Who closes the transport would be away, and real time does not pass so fast.
    const server = await serve(t, { maxJoinsPerMinuteByAddress: 0, reconnectGrace: 0 });
    const visitors = 10; // at a time
    const warmth = Math.min(sessions / 10, 20_000);
    let begin;
    const start = performance.now();
    for (let made = 0; made < sessions; made += visitors) {
      await Promise.all(
        Array.from({ length: visitors }, (_, i) => visit(server, `Alice ${made + i}`)),
      );
      if (begin === undefined && made >= warmth) begin = usage(server);
    }
    await eventually(
      () => server.measure().sockets === 0,
      () => 'the last visitors to leave',
    );
    const end = usage(server);
    const seconds = (performance.now() - start) / 1000;
    t.diagnostic(`${Math.round(sessions / seconds)} sessions a second`);
    t.diagnostic(`after warming up ${JSON.stringify(begin)}, at the end ${JSON.stringify(end)}`);

    assert.equal(server.measure().sessions_created_total, sessions);
    assert.equal(server.measure().sessions, 0);
    assert.equal(server.measure().sockets, 0);
    assert.deepEqual(server.snapshot(), { sockets: [], sessions: [], connections: [] });
    assert.equal(end.wasm, begin.wasm, 'the memory of the module');
    assert.ok(end.heap < begin.heap + 5e6, 'the memory of JavaScript');
  });

  it('works on when the memory of its module has grown', async (t) => {
    const server = await serve(t, { maxPayload: 20e6, maxEventBytes: 0, traceLimit: Infinity });
    const { alice, bob } = await duet(t, server);
    const before = server.measure().memory_bytes;
    const noise = Buffer.from(Array.from({ length: 5e6 }, (_, i) => i % 251));
    for (const data of [noise, noise.toString('latin1')]) {
      const arrival = next(bob, 'session:event');
      alice.emit('session:event', { type: 'noise', data });
      const heard = (await arrival).data;
      assert.ok(typeof data === 'string' ? heard === data : noise.equals(heard));
    }
    assert.ok(server.measure().memory_bytes > before);
    assert.deepEqual(await alice.emitWithAck('session:update', { name: 'Alicia' }), { ok: true });
    assert.equal((await replay(server.trace)).difference, null);
  });

  it('keeps no room for the largest message that it has ever had', async (t) => {
    const server = await serve(t, { maxPayload: 20e6, maxEventBytes: 0, traceLimit: 0 });
    const { alice, bob } = await duet(t, server);
    const size = 8e6;
    const send = async (data) => {
      const arrival = next(bob, 'session:event');
      alice.emit('session:event', { type: 'noise', data });
      await arrival;
    };
    const before = server.measure().memory_bytes;
    await send('n'.repeat(size));
    const first = server.measure().memory_bytes;
    t.diagnostic(`${before / 1e6} MB, with a text of ${size / 1e6} MB ${first / 1e6} MB`);
    assert.ok(first - before < 6 * size, `${(first - before) / size} times the text`);
    // What one message needed, the next one has.
    for (let i = 0; i < 5; ++i) {
      await send(i);
      await send('m'.repeat(size));
    }
    const last = server.measure().memory_bytes;
    assert.ok(last - first < size, `${(last - first) / size} times the text more`);
  });

  it('is made and closed a thousand times in a process, and a hundred live at once', async (t) => {
    for (let i = 0; i < 1000; ++i) {
      const server = await createServer();
      await server.close();
    }
    const servers = await Promise.all(Array.from({ length: 100 }, () => serve(t)));
    for (const server of servers) assert.deepEqual(server.snapshot().sessions, []);
  });
});

function usage(server) {
  collectGarbage();
  return { wasm: server.measure().memory_bytes, heap: process.memoryUsage().heapUsed };
}
