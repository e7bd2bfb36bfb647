// One server with its sessions in a Redis: it is started again, and Redis may go, come back, and have forgotten.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe } from 'node:test';

import { ways } from './support/client.mjs';
import { eventually } from './support/patience.mjs';
import { freePort } from './support/ports.mjs';
import { shortLease as short } from './support/redis.mjs';
import { allWritten, back, duo, metric } from './support/seats.mjs';
import { run } from './support/server.mjs';
import { comeBack, play, seeEachOther } from './support/stage.mjs';
import { makeCertificate } from './support/tls.mjs';
import { viewOf } from './support/venue.mjs';

const [overPolling, overWebSocket] = ways;
/** A lease for which no test waits. */
const long = ['--redis-lease', '600000'];

/** Ends in order; how is the result. */
const refusedStart = (...options) => run('serve', '--port', '0', ...options);

async function plays(from, to) {
  const before = to.transcript.length;
  assert.equal((await from.request('session:event', { type: 'note', data: before })).ok, true);
  await eventually(
    () => to.transcript.slice(before).some(([event, { data } = {}]) => event === 'session:event' && data === before),
    () => to.story(),
  );
}

describe('A server that is started again', () => {
  const ends = {
    'kill -9': (server) => server.kill(),
    SIGTERM: async (server) => assert.deepEqual(await server.stop(), { code: 0, signal: null }),
  };
  for (const [how, end] of Object.entries(ends)) {
    // Nobody would wait for a lease of ten minutes.
    play(`after ${how} has the sessions of the one before at once`, async (stage) => {
      const redis = await stage.redis();
      const first = await stage.server(redis, ...long);
      const line = await stage.line(first);
      const alice = stage.open(line.url);
      const bob = stage.open(line.url, overPolling);
      await duo(alice, bob);
      await allWritten(first);
      await comeBack([alice, bob], async () => {
        await end(first);
        const second = await stage.server(redis, ...long);
        await second.logged('sessions are kept', redis.url, 'restored=1');
        line.leadTo(second);
      });
      await plays(alice, bob);
    });
  }

  play('although Redis was emptied right before its end in order, has everything', async (stage) => {
    const redis = await stage.redis();
    const first = await stage.server(redis, ...short);
    const line = await stage.line(first);
    const alice = stage.open(line.url);
    const bob = stage.open(line.url);
    await duo(alice, bob);
    await redis.kill();
    await redis.begin();
    await comeBack([alice, bob], async () => {
      assert.deepEqual(await first.stop(), { code: 0, signal: null });
      assert.equal(await redis.ask('SCARD', 'downbeat:sessions'), 1);
      line.leadTo(await stage.server(redis, ...short));
    });
  });
});

describe('Sessions of version 1', () => {
  /** As the version before wrote them: a snapshot, and a log of one append. */
  async function older(stage) {
    const redis = await stage.redis();
    const room = {
      state: '{"v":1,"room":"GREEN-55","number":1,"format":0,"seq":41,"host":"A610mLIkJiwIWxDtAAAB","participants":[{"id":"A610mLIkJiwIWxDtAAAB","name":"Alice","instrument":"guitar","move":1,"pid":"94xmzPGlSVyuIuDSqm0T84iTUVwbVOvwthp4C_kFxsM","token":"heLU1cuxFR_JNGbbB06MFL9sYU9b8A3kbKjDQU45IKw"}]}',
      seq: '42',
      append: 'd044110a6d75ba0dff68930f32f7e342:42',
      chain: '61f6b798506e9705f100274e0a7606a3',
    };
    const bob =
      '{"id":"MfA-8IXOLZSzp6EZAAAC","name":"Bob","instrument":"drums","move":1,"pid":"pUwtqWieSYvaMiIl53fP5bg5W34EHHT2QZpvFWlmoh0"}';
    const joined = `[{"v":1,"type":"joined","room":"GREEN-55","who":${bob},"host":false}]`;
    await redis.ask('SET', 'downbeat:version', '1');
    await redis.ask('SET', 'downbeat:term', '1796050354096');
    await redis.ask('SET', 'downbeat:owner', 'free');
    await redis.ask('SADD', 'downbeat:sessions', 'GREEN-55');
    await redis.ask('HSET', 'downbeat:room:GREEN-55', ...Object.entries(room).flat());
    await redis.ask('RPUSH', 'downbeat:log:GREEN-55', `${room.append} ${joined}`);
    return redis;
  }

  play('are taken over, and their members are back', async (stage) => {
    const redis = await older(stage);
    const list = await run('sessions', redis.url);
    assert.equal(list.stdout, 'GREEN-55  2 members: Alice, Bob\n1 session, 2 members\n');
    const server = await stage.server(redis, ...short);
    await server.logged('sessions are kept', 'restored=1');
    const alice = stage.open(server.url, overWebSocket, { auth: { pid: 'iXr8yd8Ub_umR1xaY1Pw-wD1fVPD_KXF' } });
    const { roomCode } = await back(alice);
    const bob = stage.open(server.url, overPolling, { auth: { pid: 'vdvG6wpaVK0KXGjAP_Y7aACRxTOlCkKA' } });
    await back(bob);
    assert.deepEqual([alice.id, bob.id], ['A610mLIkJiwIWxDtAAAB', 'MfA-8IXOLZSzp6EZAAAC']);
    await seeEachOther([alice, bob]);
    await plays(alice, bob);
    assert.equal((await bob.request('session:update', { name: 'Bobby' })).ok, true);
    assert.equal(roomCode, 'GREEN-55');
    await allWritten(server);
    // A server of that version refuses it from now on.
    assert.equal(await redis.ask('GET', 'downbeat:version'), '2');
    const check = await run('check', redis.url);
    assert.deepEqual([check.code, check.stdout], [0, 'no faults in 1 session with 2 members\n']);
  });

  play('are left alone while their server lives', async (stage) => {
    const redis = await older(stage);
    await redis.ask('SET', 'downbeat:alive', 'd044110a6d75ba0dff68930f32f7e342:1', 'PX', '600000');
    const { code, stderr } = await refusedStart('--redis', redis.url, ...short);
    assert.equal(code, 3, stderr);
    assert.match(stderr, /^downbeat serve: --redis: redis:\/\/127\.0\.0\.1:\d+\/0: .*earlier version/m);
    assert.equal(await redis.ask('GET', 'downbeat:version'), '1');
    assert.equal(await redis.ask('EXISTS', 'downbeat:nodes'), 0);
  });
});

describe('Redis', () => {
  play('is away: who is together plays on, changes are refused, and afterwards everything is there', async (stage) => {
    const redis = await stage.redis();
    let server = await stage.server(redis, ...short);
    const line = await stage.line(server);
    const alice = stage.open(line.url);
    const bob = stage.open(line.url);
    const carol = stage.open(line.url);
    const dora = stage.open(line.url);
    const roomCode = await duo(alice, bob);
    await carol.until('connect');
    await dora.until('connect');
    redis.pause();
    // The first one gets no answer if nobody knows whether Redis has it; if that is known to be away, it is refused.
    carol.emit('session:create', { name: 'Carol' });
    await eventually(() => carol.heard().some((one) => ['disconnect', 'error'].includes(one)), () => carol.story());
    await plays(alice, bob);
    const refused = await dora.request('session:create', { name: 'Dora' });
    assert.equal(refused.error?.code, 'try_again');
    await plays(bob, alice);
    assert.equal((await fetch(`${server.url}/healthz`)).status, 200);
    await server.logged('journal not', 'no answer within');
    // Who is lost meanwhile is away for the others, and comes back.
    bob.socket.io.engine.close();
    await alice.until('session:user-left');
    await back(bob);
    await plays(bob, alice);
    redis.resume();
    await eventually(
      async () => (await carol.request('session:join', { roomCode, name: 'Carol' })).ok,
      () => carol.story(),
    );
    await carol.caughtUp();
    await allWritten(server);
    await comeBack([alice, bob, carol], async () => {
      await server.kill();
      server = await stage.server(redis, ...short);
      line.leadTo(server);
    });
  });

  for (const [how, empty] of [
    ['comes back without anything', async (redis) => (await redis.kill(), redis.begin())],
    ['is emptied by somebody', (redis) => redis.ask('FLUSHALL')],
  ]) {
    play(`${how}: it gets everything again`, async (stage) => {
      const redis = await stage.redis();
      let server = await stage.server(redis, ...short);
      const line = await stage.line(server);
      const [alice, bob, carol] = [0, 1, 2].map(() => stage.open(line.url));
      const roomCode = await duo(alice, bob);
      await carol.until('connect');
      assert.equal((await carol.request('session:create', { name: 'Carol' })).ok, true);
      await allWritten(server);
      await empty(redis);
      // Without any change of a session.
      await eventually(
        async () => (await redis.ask('SCARD', 'downbeat:sessions')) === 2,
        () => 'both sessions in Redis',
      );
      await plays(alice, bob);
      assert.equal((await bob.request('session:update', { name: 'Bobby' })).ok, true);
      await allWritten(server);
      await comeBack([alice, bob], async () => {
        await server.kill();
        server = await stage.server(redis, ...short);
        line.leadTo(server);
      });
      assert.deepEqual([...viewOf(alice).present.values()], ['Alice', 'Bobby']);
      assert.equal(viewOf(alice).roomCode, roomCode);
      assert.equal((await back(carol)).resumed, true);
    });
  }

  play('is replaced by an old copy: what it has lost is written again, and nothing comes back', async (stage) => {
    const redis = await stage.redis();
    let server = await stage.server(redis, ...short);
    const line = await stage.line(server);
    const [alice, bob, carol, dora] = [0, 1, 2, 3].map(() => stage.open(line.url));
    const roomCode = await duo(alice, bob);
    await carol.until('connect');
    const over = await carol.request('session:create', { name: 'Carol' });
    await redis.ask('SAVE');
    // None of this is in the copy.
    assert.equal((await bob.request('session:leave', { roomCode })).ok, true);
    assert.equal((await carol.request('session:leave', { roomCode: over.roomCode })).ok, true);
    await dora.until('connect');
    assert.equal((await dora.request('session:join', { roomCode, name: 'Dora' })).ok, true);
    await dora.until('session:joined');
    await allWritten(server);
    await redis.kill();
    await redis.begin();
    await eventually(
      async () =>
        (await metric(server, 'downbeat_redis_repaired_rooms_total')) >= 2 &&
        (await redis.ask('SCARD', 'downbeat:sessions')) === 1,
      () => `two repaired rooms\n${server.log}`,
    );
    await comeBack([alice, dora], async () => {
      await server.kill();
      server = await stage.server(redis, ...short);
      line.leadTo(server);
    });
    const late = await carol.request('session:join', { roomCode: over.roomCode, name: 'Carol' });
    assert.equal(late.error.code, 'session_not_found');
  });

  play('has a session that cannot be read: all others are there', async (stage) => {
    const redis = await stage.redis();
    await redis.ask('SADD', 'downbeat:sessions', 'MUSIC-42');
    await redis.ask('HSET', 'downbeat:room:MUSIC-42', 'seq', '1', 'chain', '', 'append', '', 'state', '{}');
    const server = await stage.server(redis, ...short);
    await server.logged('journal not kept up', 'the state of MUSIC-42 cannot be read');
    const alice = stage.open(server.url);
    const bob = stage.open(server.url);
    await duo(alice, bob);
    await plays(alice, bob);
  });

  play('has no memory left: changes are refused, jams go on, and later they are not refused', async (stage) => {
    const redis = await stage.redis();
    const server = await stage.server(redis, ...short);
    const alice = stage.open(server.url);
    const bob = stage.open(server.url);
    await duo(alice, bob);
    await allWritten(server);
    const connections = () => metric(server, 'downbeat_redis_connections_total');
    const before = await connections();
    await redis.ask('CONFIG', 'SET', 'maxmemory', '1');
    const answer = await bob.request('session:update', { name: 'Bobby' });
    assert.equal(answer.error?.code, 'try_again', JSON.stringify(answer));
    await server.logged('journal not written', 'OOM');
    // It stays connected, and what needs no room works.
    const dora = stage.open(server.url);
    await dora.until('connect');
    assert.equal(await connections(), before);
    await plays(alice, bob);
    await redis.ask('CONFIG', 'SET', 'maxmemory', '0');
    await eventually(async () => (await bob.request('session:update', { name: 'Bobby' })).ok, () => bob.story());
    await server.logged('journal written again');
  });

  play('gets a snapshot in place of a long log', async (stage) => {
    const redis = await stage.redis();
    let server = await stage.server(redis, ...short);
    const line = await stage.line(server);
    const alice = stage.open(line.url);
    await alice.until('connect');
    const { roomCode } = await alice.request('session:create', { name: 'Alice' });
    for (let i = 0; i < 60; ++i) {
      assert.equal((await alice.request('session:update', { name: `Alice ${i}` })).ok, true);
    }
    // Where it pauses between two of them, the snapshot is made in the middle; a few appends need none.
    await eventually(
      async () => (await redis.ask('LLEN', `downbeat:log:${roomCode}`)) < 16,
      () => 'a short log',
    );
    const left = () => metric(server, 'downbeat_journal_store_log_appends');
    await eventually(async () => (await left()) < 16, () => 'a compacted log');
    await server.kill();
    server = await stage.server(redis, ...short);
    line.leadTo(server);
    line.cut();
    const { participants } = await back(alice);
    assert.deepEqual(participants.map(({ name }) => name), ['Alice 59']);
  });
});

describe('A server is refused', () => {
  const refuses = (title, code, pattern, prepare) =>
    play(title, async (stage) => {
      const options = await prepare(stage);
      const result = await refusedStart(...options);
      assert.equal(result.code, code, result.stderr);
      assert.match(result.stderr, pattern);
      assert.ok(!/secret/.test(result.stderr), result.stderr);
      assert.equal(result.stderr.trim().split('\n').length, 1, result.stderr);
    });

  refuses('where no Redis is', 4, /--redis: redis:\/\/127\.0\.0\.1:1\/0: connect: Connection refused/, () => [
    '--redis', 'redis://:secret@127.0.0.1:1',
  ]);
  refuses('with a wrong password', 4, /login: WRONGPASS/, async (stage) => {
    const redis = await stage.redis();
    await redis.ask('CONFIG', 'SET', 'requirepass', 'right');
    return ['--redis', `redis://:secret@127.0.0.1:${redis.port}`];
  });
  refuses('without the password', 4, /NOAUTH/, async (stage) => {
    const redis = await stage.redis();
    await redis.ask('CONFIG', 'SET', 'requirepass', 'right');
    return ['--redis', redis.url];
  });
  refuses('by a Redis that would delete sessions', 4, /maxmemory-policy is allkeys-lru/, async (stage) => {
    const redis = await stage.redis('--maxmemory', '100mb', '--maxmemory-policy', 'allkeys-lru');
    return ['--redis', redis.url];
  });
  refuses('by a Redis Cluster', 4, /Redis Cluster, which is not supported/, async (stage) => {
    const redis = await stage.redis('--cluster-enabled', 'yes', '--cluster-port', await freePort());
    return ['--redis', redis.url];
  });
  refuses('by a replica', 4, /it is a replica/, async (stage) => {
    const redis = await stage.redis('--replicaof', '127.0.0.1 1');
    return ['--redis', redis.url];
  });
  refuses('by sessions of a newer version', 4, /version 3, and this program knows versions up to 2/, async (stage) => {
    const redis = await stage.redis();
    await redis.ask('SET', 'downbeat:version', '3');
    return ['--redis', redis.url];
  });
  refuses('by something that is no Redis', 4, /does not speak Redis' protocol|no answer|closed|End of file/, async (stage) => {
    const redis = await stage.redis();
    const other = await stage.server(redis, ...short);
    return ['--redis', `redis://127.0.0.1:${other.port}`, ...short];
  });
  for (const [url, why] of [
    ['localhost:6379', /must begin with redis:\/\//],
    ['http://localhost', /must begin with redis:\/\//],
    ['redis://:secret@', /must name a host/],
    ['redis://:secret@localhost:0', /port/],
    ['redis://:secret@localhost:99999', /port/],
    ['redis://localhost/sessions', /number of a database/],
    ['redis://secret@localhost', /must have a password beside the user/],
    ['redis://localhost/0?timeout=1', /must end with/],
  ]) {
    refuses(`with the URL ${url}`, 2, why, () => ['--redis', url]);
  }
  refuses('with two places for its sessions', 2, /--data and --redis/, () => ['--data', '/nowhere', '--redis', 'redis://localhost']);
  refuses('with a durability that is not its own', 2, /--durability is of --data/, () => [
    '--durability', 'power', '--redis', 'redis://localhost',
  ]);
  refuses('without a grace', 2, /--redis needs a --reconnect-grace/, () => [
    '--reconnect-grace', '0', '--redis', 'redis://localhost',
  ]);
});

describe('The connection to Redis', () => {
  play('has a user, a password and a database', async (stage) => {
    const redis = await stage.redis();
    await redis.ask('ACL', 'SETUSER', 'downbeat', 'on', '>p@ss word', '~downbeat:*', '&downbeat:*', '+@read', '+@write', '+@scripting', '+@pubsub', '+@connection', '+info', '+time', '+select');
    const server = await stage.server(
      { url: `redis://downbeat:p%40ss%20word@127.0.0.1:${redis.port}/3` },
      ...short,
    );
    const alice = stage.open(server.url);
    await alice.until('connect');
    assert.equal((await alice.request('session:create', { name: 'Alice' })).ok, true);
    assert.match(await redis.ask('INFO', 'keyspace'), /db3:keys=/);
    await eventually(async () => (await metric(server, 'downbeat_relay_connected')) === 1, () => server.log);
    await server.logged('sessions are kept', `redis=redis://127.0.0.1:${redis.port}/3`);
    assert.ok(!server.log.includes('p@ss') && !server.log.includes('p%40ss'), server.log);
  });

  play('is encrypted, and the certificate is checked', async (stage) => {
    const folder = await stage.folder();
    makeCertificate(folder);
    const file = (name) => join(folder, name);
    const port = await freePort();
    await stage.redis(
      '--tls-port', port, '--tls-cert-file', file('certificate.pem'), '--tls-key-file', file('key.pem'),
      '--tls-ca-cert-file', file('authority.pem'), '--tls-auth-clients', 'no',
    );
    const url = `rediss://127.0.0.1:${port}`;
    const strange = await refusedStart('--redis', url, ...short);
    assert.equal(strange.code, 4);
    assert.match(strange.stderr, /handshake of TLS: .*certificate/);
    const server = await stage.server({ url }, ...short, '--redis-ca', file('authority.pem'));
    const alice = stage.open(server.url);
    await alice.until('connect');
    assert.equal((await alice.request('session:create', { name: 'Alice' })).ok, true);
    await server.logged('sessions are kept', `redis=${url}/0`);
    await eventually(async () => (await metric(server, 'downbeat_relay_connected')) === 1, () => server.log);
  });

  play('need not be there at the start for one who waits', async (stage) => {
    const redis = await stage.redis();
    await redis.kill();
    const starting = stage.server(redis, '--wait-for-data', '600', ...short);
    starting.catch(() => {});
    await redis.begin();
    const server = await starting;
    const alice = stage.open(server.url);
    await alice.until('connect');
    assert.equal((await alice.request('session:create', { name: 'Alice' })).ok, true);
  });

  play('is in the metrics', async (stage) => {
    const redis = await stage.redis();
    const server = await stage.server(redis, ...short);
    assert.equal(await metric(server, 'downbeat_redis_connected'), 1);
    const alice = stage.open(server.url);
    await alice.until('connect');
    await alice.request('session:create', { name: 'Alice' });
    await eventually(async () => (await metric(server, 'downbeat_journal_store_appends_total')) === 1, () => 'the append');
    await redis.kill();
    await eventually(async () => (await metric(server, 'downbeat_redis_connected')) === 0, () => 'a loss');
    await redis.begin();
    await eventually(async () => (await metric(server, 'downbeat_redis_connected')) === 1, () => 'a return');
    assert.ok((await metric(server, 'downbeat_redis_connections_total')) >= 2);
  });
});

describe('An operator', () => {
  play('sees the sessions in Redis while a server has them', async (stage) => {
    const redis = await stage.redis();
    const server = await stage.server(redis, ...long);
    const alice = stage.open(server.url);
    const bob = stage.open(server.url);
    const roomCode = await duo(alice, bob);
    await allWritten(server);
    const list = await run('sessions', redis.url);
    assert.deepEqual([list.code, list.stdout], [0, `${roomCode}  2 members: Alice, Bob\n1 session, 2 members\n`]);
    const check = await run('check', redis.url);
    assert.deepEqual([check.code, check.stdout], [0, 'no faults in 1 session with 2 members\n']);
    const copy = await run('backup', redis.url, '/nowhere');
    assert.equal(copy.code, 4);
    assert.match(copy.stderr, /BGSAVE/);
    await redis.ask('HSET', `downbeat:room:${roomCode}`, 'seq', '99');
    const broken = await run('check', redis.url);
    assert.equal(broken.code, 1);
    assert.match(broken.stdout, /damaged/);
  });
});
