// Several nodes with one Redis: a client of any node is in any session, and comes back to any node.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe } from 'node:test';

import { participant } from './scenarios/band.mjs';
import { ways } from './support/client.mjs';
import { eventually } from './support/patience.mjs';
import { RawPeer } from './support/raw.mjs';
import { filesOf } from './support/recording.mjs';
import { allWritten, cutOff, heardOf, metric } from './support/seats.mjs';
import { run } from './support/server.mjs';
import { play, playTogether, seeEachOther, session } from './support/stage.mjs';

const [overPolling, overWebSocket, overBoth] = ways;

/** What a member has heard of the others since then, in order. */
const changes = (client, from) =>
  client.transcript.slice(from).filter(([event]) => /^session:(?:user|host)-/.test(event));

/** A stage with a Redis, nodes of these names, and a client of each. */
async function band(stage, names, ...options) {
  const redis = await stage.redis();
  const nodes = await stage.nodes(redis, names, ...options);
  const clients = [];
  for (const [i, node] of nodes.entries()) clients.push(await stage.player(node, ways[i % ways.length]));
  return { redis, nodes, clients };
}

/** Moves a client to another node, where it is back in its own seat. */
async function move(client, node) {
  const from = client.transcript.length;
  client.line.leadTo(node);
  await cutOff(client.line, client);
  const joined = () => client.transcript.slice(from).find(([event]) => event === 'session:joined');
  const [, state] = await eventually(joined, () => `a return\n${client.story()}`);
  assert.equal(state.resumed, true);
  assert.equal(client.socket.recovered, true);
  return state;
}

/** The node at which somebody is connected. */
const nodeOf = (client) => client.socket.io.engine.id.split('_')[0];

describe('A session of clients at several nodes', () => {
  play('has one list, whose nodes everybody knows', async (stage) => {
    const { clients } = await band(stage, ['a', 'b', 'c']);
    const [alice, bob, carol] = clients;
    const roomCode = await session(...clients);
    assert.deepEqual(clients.map(nodeOf), ['a', 'b', 'c']);
    const list = [
      { ...participant(alice, 'Member 0'), node: 'a' },
      { ...participant(bob, 'Member 1'), node: 'b' },
      { ...participant(carol, 'Member 2'), node: 'c' },
    ];
    for (const client of clients) {
      const { participants, hostId } = await client.request('session:join', { roomCode, name: 'Again' });
      assert.deepEqual([participants, hostId], [list, alice.id]);
    }
    assert.deepEqual(changes(alice, 0), [
      ['session:user-joined', { user: list[1] }],
      ['session:user-joined', { user: list[2] }],
    ]);
    assert.deepEqual(changes(bob, 0), [['session:user-joined', { user: list[2] }]]);
    assert.deepEqual(changes(carol, 0), []);
  });

  play('gets every change, at each node', async (stage) => {
    const { clients } = await band(stage, ['a', 'b', 'c']);
    const [alice, bob, carol] = clients;
    const roomCode = await session(...clients);
    const [alicesId, bobsId] = [alice.id, bob.id];
    assert.equal((await bob.request('session:update', { name: 'Bobby', instrument: 'drums' })).ok, true);
    for (const other of [alice, carol]) {
      const { user } = await other.until('session:user-updated');
      assert.deepEqual(user, { ...participant(bob, 'Bobby', 'drums'), node: 'b' });
    }
    assert.equal((await alice.request('session:leave', { roomCode })).ok, true);
    for (const other of [bob, carol]) {
      assert.deepEqual(await other.until('session:user-left'), { userId: alicesId });
      assert.deepEqual(await other.until('session:host-changed'), { hostId: bobsId });
    }
    assert.equal((await alice.request('session:event', { type: 'note' })).error.code, 'not_in_session');
    bob.close();
    assert.deepEqual(await carol.until('session:user-left'), { userId: bobsId });
    assert.deepEqual(await carol.until('session:host-changed'), { hostId: carol.id });
    assert.equal((await carol.request('session:leave', { roomCode })).ok, true);
    // The last one has left.
    const late = () => alice.request('session:join', { roomCode, name: 'Alice' });
    await eventually(async () => (await late()).error?.code === 'session_not_found', () => alice.story());
  });

  play('gets everything in the same order at all nodes', async (stage) => {
    const { nodes, clients } = await band(stage, ['a', 'b', 'c']);
    const roomCode = await session(...clients);
    const marks = clients.map(({ transcript }) => transcript.length);
    const visitors = [];
    for (let i = 0; i < 9; ++i) visitors.push(await stage.player(nodes[i % 3], overWebSocket));
    await Promise.all(visitors.map(async (visitor, i) => {
      // Where others are always faster, a node gives up after a while: then one asks again.
      const ask = (event, payload) => eventually(async () => {
        const answer = await visitor.request(event, payload);
        if (!answer.ok) assert.equal(answer.error.code, 'try_again', visitor.story());
        return answer.ok;
      }, () => visitor.story());
      for (let round = 0; round < 5; ++round) {
        await ask('session:join', { roomCode, name: `Visitor ${i}` });
        await ask('session:update', { name: `V${i}, ${round}` });
        await ask('session:leave', { roomCode });
      }
    }));
    const all = 9 * 5 * 3;
    for (const [i, client] of clients.entries()) {
      const heard = (node) => changes(clients[node], marks[node]);
      await eventually(() => heard(i).length >= all, () => `${all} changes\n${client.story()}`);
      assert.equal(heard(i).length, all);
      // A leave takes effect at its node at once, and so before what others have done meanwhile.
      const isLeave = ([event]) => event === 'session:user-left';
      const others = (node) => heard(node).filter((one) => !isLeave(one));
      assert.deepEqual(others(i), others(0));
      for (const { id } of visitors) {
        const about = (node) => heard(node).filter(([, { user, userId }]) => (user?.id ?? userId) === id);
        assert.deepEqual(about(i), about(0));
      }
    }
    await seeEachOther(clients);
  });

  play('gets each note once, with its attachments, in the order of each player', async (stage) => {
    const { clients } = await band(stage, ['a', 'b', 'c']);
    await session(...clients);
    await playTogether(clients, 200);
  });

  play('is joined at another node in the moment in which it was created', async (stage) => {
    const { clients } = await band(stage, ['a', 'b'], '--threads', '1');
    const [alice, bob] = clients;
    let atOnce = 0;
    for (let i = 0; i < 50; ++i) {
      const join = (roomCode) => bob.request('session:join', { roomCode, name: 'Bob' });
      const joined = new Promise((resolve) => {
        alice.socket.once('session:created', ({ roomCode }) => resolve(join(roomCode)));
      });
      const { roomCode } = await alice.request('session:create', { name: 'Alice' });
      let answer = await joined;
      if (answer.ok) ++atOnce;
      // A node waits for a session that it does not know for 100 ms. A busy machine may need more.
      await eventually(
        async () => answer.ok || (answer = await join(roomCode)).ok,
        () => `${roomCode}, session ${i}: ${JSON.stringify(answer)}`,
      );
      assert.deepEqual(answer.participants.map(({ name }) => name), ['Alice', 'Bob']);
      await alice.until('session:user-joined');
    }
    assert.ok(atOnce >= 25, `${atOnce} of 50 at once`);
  });

  play('is never too full, though two nodes decide', async (stage) => {
    const { nodes, clients } = await band(stage, ['a', 'b'], '--max-participants', '4');
    const roomCode = await session(...clients);
    const others = [];
    for (let i = 0; i < 20; ++i) others.push(await stage.player(nodes[i % 2], overWebSocket));
    const answers = await Promise.all(others.map((one, i) => one.request('session:join', { roomCode, name: `M${i}` })));
    const members = others.filter((_, i) => answers[i].ok);
    assert.equal(members.length, 2, JSON.stringify(answers));
    for (const { ok, error } of answers) if (!ok) assert.equal(error.code, 'session_full');
    await seeEachOther([...clients, ...members]);
    // A place that is given up at one node is free at the other.
    assert.equal((await members[0].request('session:leave', { roomCode })).ok, true);
    const [late] = others.filter((one, i) => !answers[i].ok && nodeOf(one) !== nodeOf(members[0]));
    const join = async () => (await late.request('session:join', { roomCode, name: 'Late' })).ok;
    await eventually(join, () => late.story());
    await seeEachOther([...clients, members[1], late]);
  });

  play('is one of several that everybody moves between', async (stage) => {
    const { nodes, clients } = await band(stage, ['a', 'b', 'c']);
    const others = [];
    for (const node of nodes) others.push(await stage.player(node));
    const codes = [await session(...clients), await session(...others)];
    for (let round = 1; round <= 6; ++round) {
      const all = [...clients, ...others];
      const now = (i) => codes[(i + round) % 2];
      const moves = all.map((one, i) => one.request('session:join', { roomCode: now(i), name: `Member ${i}` }));
      // Never all at once: a session that nobody is in is over.
      for (const { ok } of await Promise.all(moves)) assert.equal(ok, true);
      for (const code of codes) await seeEachOther(all.filter((_, i) => now(i) === code));
    }
  });
});

describe('A client comes to another node', () => {
  for (const way of ways) {
    play(`and is in its seat, without anybody hearing of it but that it was away, over ${way.name}`, async (stage) => {
      const { nodes, clients } = await band(stage, ['a', 'b', 'c']);
      const player = await stage.player(nodes[0], way);
      const roomCode = await session(...clients, player);
      const { id } = player;
      for (let round = 1; round <= 6; ++round) {
        const node = nodes[round % 3];
        const state = await move(player, node);
        assert.equal(player.id, id);
        assert.equal(state.roomCode, roomCode);
        assert.equal(state.participants.find((one) => one.id === id).node, ['a', 'b', 'c'][round % 3]);
        await seeEachOther([...clients, player]);
        await playTogether([...clients, player]);
      }
      for (const [i, client] of clients.entries()) {
        const [first, ...rest] = heardOf(client, id);
        assert.equal(first, 'joined');
        assert.ok(rest.every((word, at) => word === (at % 2 ? 'back' : 'away')), `${i}: ${rest}`);
      }
    });
  }

  play('with a page that is loaded anew, by its token', async (stage) => {
    const { nodes, clients } = await band(stage, ['a', 'b', 'c']);
    const roomCode = await session(...clients);
    const tab = { resume: true };
    const open = async (node) => {
      const page = stage.open(node.url, overBoth, { auth: (answer) => answer(tab), reconnection: false });
      await page.until('connect');
      return page;
    };
    let page = await open(nodes[0]);
    const { id } = page;
    page.emit('session:join', { roomCode, name: 'Page' });
    tab.resumeToken = (await page.until('session:joined')).resumeToken;
    await seeEachOther([...clients, page]);
    for (let round = 1; round <= 6; ++round) {
      page.socket.io.engine.close();
      page = await open(nodes[round % 3]);
      const state = await page.until('session:joined');
      assert.deepEqual([page.id, state.resumed, state.resumeToken], [id, true, tab.resumeToken]);
      await seeEachOther([...clients, page]);
    }
    await playTogether([...clients, page]);
    assert.equal((await page.request('session:leave', { roomCode })).ok, true);
    await seeEachOther(clients);
    const late = await open(nodes[1]);
    assert.equal((await late.until('session:ended')).reason, 'unknown');
    assert.notEqual(late.id, id);
  });

  for (const threads of ['1', '2']) {
    play(`while it is still at the first one: that connection ends, with --threads ${threads}`, async (stage) => {
      const { nodes, clients } = await band(stage, ['a', 'b', 'c'], '--threads', threads);
      const [, bob, carol] = clients;
      let player = await stage.player(nodes[0]);
      const roomCode = await session(...clients, player);
      const { id } = player;
      const pid = player.socket._pid;
      const before = [bob, carol].map((one) => heardOf(one, id));
      for (let round = 1; round <= 4; ++round) {
        const again = stage.open(nodes[round % 3].url, overWebSocket, { auth: { pid } });
        const state = await again.until('session:joined');
        assert.deepEqual([again.id, state.resumed, state.roomCode], [id, true, roomCode]);
        assert.deepEqual(await player.until('session:ended'), { roomCode, reason: 'taken_over' });
        assert.equal(await player.until('disconnect'), 'io server disconnect');
        player = again;
        await playTogether([...clients, player]);
      }
      // Nobody else has heard anything, and the earlier ones stay out.
      await seeEachOther([...clients, player]);
      assert.deepEqual([bob, carol].map((one) => heardOf(one, id)), before);
      for (const { socket } of stage.clients.slice(3, -1)) assert.equal(socket.connected, false);
    });
  }

  play('with a pid that is nobody’s, or no more: it is a newcomer', async (stage) => {
    const { nodes, clients } = await band(stage, ['a', 'b']);
    const [alice, bob] = clients;
    const roomCode = await session(alice, bob);
    const pid = bob.socket._pid;
    assert.equal((await bob.request('session:leave', { roomCode })).ok, true);
    await alice.until('session:user-left');
    for (const [shown, next] of [
      // Who has left is told nothing, as on one node.
      [pid, '42["error",'],
      ['x'.repeat(32), '42["session:ended",{"reason":"unknown"}]'],
    ]) {
      const peer = stage.enter(await RawPeer.open(nodes[0].url, 'websocket'));
      peer.send(`40{"pid":"${shown}"}`);
      const { sid } = JSON.parse((await peer.next()).slice(2));
      assert.notEqual(sid, bob.id);
      peer.send('42["session:update",{"name":"Nobody"}]');
      assert.ok((await peer.next()).startsWith(next));
    }
  });

  play('after its grace: its seat has ended at all nodes', async (stage) => {
    const { nodes, clients } = await band(stage, ['a', 'b'], '--reconnect-grace', '1');
    const [alice, bob] = clients;
    await session(alice, bob);
    const { id } = bob;
    bob.line.unplug();
    assert.deepEqual(await alice.until('session:user-gone'), { userId: id, reason: 'expired' });
    bob.line.leadTo(nodes[0]);
    bob.line.plugIn();
    assert.equal((await bob.until('session:ended')).reason, 'expired');
    assert.notEqual(bob.id, id);
    assert.deepEqual(heardOf(alice, id), ['joined', 'away', 'gone: expired']);
    await seeEachOther([alice]);
  });
});

describe('Nodes', () => {
  play('count each other, and what they relay', async (stage) => {
    const { redis, nodes, clients } = await band(stage, ['a', 'b', 'c']);
    const value = (node, name) => metric(node, `downbeat_${name}`);
    const is = (node, name, expected) =>
      eventually(async () => (await value(node, name)) === expected, () => `${name} ${expected}\n${node.log}`);
    for (const node of nodes) {
      await is(node, 'redis_nodes', 3);
      await is(node, 'redis_connected', 1);
      await is(node, 'relay_connected', 1);
    }
    const roomCode = await session(...clients);
    for (const client of clients) await client.caughtUp();
    const sent = await value(nodes[0], 'relay_messages_sent_total');
    const received = await value(nodes[1], 'relay_messages_received_total');
    for (let i = 0; i < 10; ++i) clients[0].emit('session:event', { type: 'note', data: i });
    await is(nodes[0], 'relay_messages_sent_total', sent + 20);
    await is(nodes[1], 'relay_messages_received_total', received + 10);
    for (const node of nodes) {
      for (const none of ['messages_dropped', 'gaps']) assert.equal(await value(node, `relay_${none}_total`), 0);
      await is(node, 'sessions', 1);
    }
    assert.equal((await run('sessions', redis.url)).stdout, `${roomCode}  3 members: Member 0, Member 1, Member 2\n1 session, 3 members\n`);
    assert.deepEqual(await nodes[2].stop(), { code: 0, signal: null });
    for (const node of nodes.slice(0, 2)) await is(node, 'redis_nodes', 2);
    await redis.kill();
    for (const node of nodes.slice(0, 2)) {
      await is(node, 'redis_nodes', 0);
      await is(node, 'redis_connected', 0);
      await is(node, 'relay_connected', 0);
    }
    await redis.begin();
    for (const node of nodes.slice(0, 2)) {
      await is(node, 'redis_connected', 1);
      await is(node, 'relay_connected', 1);
      await is(node, 'redis_nodes', 2);
    }
  });

  play('that come later have everything', async (stage) => {
    const { redis, clients } = await band(stage, ['a', 'b']);
    const roomCode = await session(...clients);
    const c = await stage.node(redis, 'c');
    await c.logged('sessions are kept', 'restored=1');
    const carol = await stage.player(c);
    const { participants } = await carol.request('session:join', { roomCode, name: 'Carol' });
    assert.deepEqual(participants.map(({ node }) => node), ['a', 'b', 'c']);
    await seeEachOther([...clients, carol]);
    await playTogether([...clients, carol], 10);
  });

  play('refuse names that are none', async (stage) => {
    const redis = await stage.redis();
    for (const name of ['a_b', 'a b', 'x'.repeat(17), 'ä']) {
      const { code, stderr } = await run('serve', '--port', '0', '--redis', redis.url, '--node', name);
      assert.equal(code, 2, stderr);
      assert.match(stderr, /--node/);
    }
  });

  for (const threads of [1, 2]) {
    play(`replay what they have recorded, to the byte, with --threads ${threads}`, async (stage) => {
      const folder = await stage.folder();
      const redis = await stage.redis();
      const names = ['a', 'b'];
      const files = [];
      const nodes = [];
      for (const name of names) {
        const file = join(folder, `${name}.trace`);
        files.push(...filesOf(file, threads));
        nodes.push(await stage.node(redis, name, ['--record', file, '--threads', String(threads)]));
      }
      const clients = [];
      for (const [i, way] of [...ways, ...ways].entries()) clients.push(await stage.player(nodes[i % 2], way));
      for (let i = 0; i < 4; ++i) await session(...clients);
      await playTogether(clients, 5);
      await move(clients[0], nodes[1]);
      await redis.ask('FLUSHALL');
      await eventually(async () => (await redis.ask('SCARD', 'downbeat:sessions')) >= 1, () => 'the sessions');
      await seeEachOther(clients);
      for (const node of nodes) await allWritten(node);
      await nodes[0].stop();
      await Promise.all(clients.map((client) => client.line.leadTo(nodes[1])));
      await seeEachOther(clients);
      clients.forEach((client) => client.close());
      await nodes[1].stop();
      let all = '';
      for (const file of files) {
        all += await readFile(file, 'utf8');
        const { code, stdout } = await run('replay', file);
        assert.equal(code, 0, `${file}: ${stdout}`);
        const redacted = await run('redact', file);
        assert.equal(redacted.code, 0, redacted.stderr);
        assert.ok(!redacted.stdout.includes('Member 1'), 'a name is in a redacted recording');
      }
      for (const kind of ['> nodes', '> room-appended', '> relay-received', '< relay']) {
        assert.match(all, new RegExp(`^\\d+ ${kind} `, 'm'));
      }
    });
  }
});

describe('A proxy need not know anything', () => {
  play('polls of a connection at another node are refused, and the client comes back there', async (stage) => {
    const { nodes, clients } = await band(stage, ['a', 'b']);
    const player = await stage.player(nodes[0], overPolling);
    await session(...clients, player);
    const { id } = player;
    for (let round = 0; round < 3; ++round) {
      // Without a cut: the next request goes to another node.
      const from = player.transcript.length;
      player.line.leadTo(nodes[(round + 1) % 2]);
      await cutOff(player.line, player);
      await eventually(() => player.heard(from).includes('session:joined'), () => player.story());
      assert.equal(player.id, id);
      await seeEachOther([...clients, player]);
    }
  });
});
