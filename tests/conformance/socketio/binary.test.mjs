import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { sleep } from '../support/patience.mjs';
import { serve } from '../support/server.mjs';
import { assertAlive, openPollingSocket, openSocket, placeholder } from '../support/socketio.mjs';

const bytes = (...values) => Buffer.from(values);

describe('binary', () => {
  const server = serve('socketio');

  // Each row: what is sent and what comes back, as arguments and their attachments.
  const rows = {
    'one attachment': [placeholder(0), [bytes(1, 2, 3)]],
    'an empty attachment': [placeholder(0), [bytes()]],
    'an attachment that looks like a packet': [placeholder(0), [Buffer.from('42["message"]')]],
    'two attachments': [`${placeholder(0)},${placeholder(1)}`, [bytes(1), bytes(2)]],
    'an attachment among other things': [
      `"a",{"b":[1,${placeholder(0)},{"c":${placeholder(1)},"d":null}]},2`,
      [bytes(0xff, 0x00), bytes(0x1e)],
    ],
    'ten attachments': [
      Array.from({ length: 10 }, (_, i) => placeholder(i)).join(),
      Array.from({ length: 10 }, (_, i) => bytes(i)),
    ],
    'placeholders in another order': [
      `${placeholder(1)},{"a":${placeholder(2)}},${placeholder(0)}`,
      [bytes(0), bytes(1), bytes(2)],
      `${placeholder(0)},{"a":${placeholder(1)}},${placeholder(2)}`,
      [bytes(1), bytes(2), bytes(0)],
    ],
    'two placeholders of the same number': [
      `${placeholder(0)},${placeholder(0)}`,
      [bytes(7)],
      `${placeholder(0)},${placeholder(1)}`,
      [bytes(7), bytes(7)],
    ],
    'an attachment that nothing names': ['"text"', [bytes(7)], '"text"', []],
    'a placeholder with its members the other way round': [
      '{"num":0,"_placeholder":true}',
      [bytes(7)],
      placeholder(0),
      [bytes(7)],
    ],
  };

  for (const [what, row] of Object.entries(rows)) {
    const [args, attachments, argsBack = args, attachmentsBack = attachments] = row;
    const count = attachmentsBack.length;
    const head = (type, id) => (count === 0 ? `4${type}${id}` : `4${type + 3}${count}-${id}`);

    test(`${what}, over a WebSocket`, async () => {
      const ws = await openSocket(server);
      ws.send(`45${attachments.length}-["message",${args}]`);
      for (const attachment of attachments) ws.send(attachment);
      assert.equal(await ws.next(), `${head(2, '')}["message-back",${argsBack}]`);
      for (const attachment of attachmentsBack) assert.deepEqual(await ws.next(), attachment);
      await assertAlive(ws);
      ws.destroy();
    });

    test(`${what}, over polling`, async () => {
      const peer = await openPollingSocket(server);
      const text = (all) => all.map((attachment) => `b${attachment.toString('base64')}`);
      await peer.say(`45${attachments.length}-["message",${args}]`, ...text(attachments));
      assert.deepEqual(await peer.hearAll(1 + attachmentsBack.length), [
        `${head(2, '')}["message-back",${argsBack}]`,
        ...text(attachmentsBack),
      ]);
    });

    test(`${what}, acknowledged`, async () => {
      const ws = await openSocket(server);
      ws.send(`45${attachments.length}-12["message-with-ack",${args}]`);
      for (const attachment of attachments) ws.send(attachment);
      assert.equal(await ws.next(), `${head(3, '12')}[${argsBack}]`);
      for (const attachment of attachmentsBack) assert.deepEqual(await ws.next(), attachment);
      await assertAlive(ws);
      ws.destroy();
    });
  }

  test('in a namespace', async () => {
    const ws = await openSocket(server, '/custom');
    ws.send(`451-/custom,7["message-with-ack",${placeholder(0)}]`);
    ws.send(bytes(1));
    assert.equal(await ws.next(), `461-/custom,7[${placeholder(0)}]`);
    assert.deepEqual(await ws.next(), bytes(1));
    ws.destroy();
  });

  test('an answer of the client', async () => {
    const ws = await openSocket(server);
    ws.send(`451-["emit-with-ack",${placeholder(0)}]`);
    ws.send(bytes(1));
    const [, id] = /^451-(\d+)\["emit-with-ack",/.exec(await ws.next());
    assert.deepEqual(await ws.next(), bytes(1));
    ws.send(`461-${id}["yes",${placeholder(0)}]`);
    ws.send(bytes(2));
    assert.equal(await ws.next(), `451-["emit-with-ack","yes",${placeholder(0)}]`);
    assert.deepEqual(await ws.next(), bytes(2));
    ws.destroy();
  });

  test('as base64 on a WebSocket, and back so with b64=1', async () => {
    const ws = await openSocket(server, '/', '&b64=1');
    ws.send(`451-["message",${placeholder(0)}]`);
    ws.send('bAQIDBA==');
    assert.equal(await ws.next(), `451-["message-back",${placeholder(0)}]`);
    assert.equal(await ws.next(), 'bAQIDBA==');
    ws.destroy();
  });

  test('attachments in later payloads of polling', async () => {
    const peer = await openPollingSocket(server);
    await peer.say(`452-["message",${placeholder(0)},${placeholder(1)}]`);
    await sleep(20);
    await peer.say('bAQ==');
    await peer.say('bAg==', '42["message",1]');
    assert.deepEqual(await peer.hearAll(4), [
      `452-["message-back",${placeholder(0)},${placeholder(1)}]`,
      'bAQ==',
      'bAg==',
      '42["message-back",1]',
    ]);
  });

  test('nothing comes between a packet and its attachments', async () => {
    const [from, to] = [await openSocket(server), await openSocket(server)];
    const other = await openSocket(server);
    for (let i = 0; i < 50; ++i) {
      from.send(`452-["broadcast",${i},${placeholder(0)},${placeholder(1)}]`);
      from.send(bytes(i));
      other.send(`42["broadcast","text"]`);
      from.send(bytes(i + 1));
    }
    let [binary, text] = [0, 0];
    while (binary < 50 || text < 50) {
      const message = await to.next();
      if (message === '42["broadcast-msg","text"]') {
        ++text;
        continue;
      }
      const both = `${placeholder(0)},${placeholder(1)}`;
      assert.equal(message, `452-["broadcast-msg",${binary},${both}]`);
      assert.deepEqual(await to.next(), bytes(binary));
      assert.deepEqual(await to.next(), bytes(binary + 1));
      ++binary;
    }
    for (const ws of [from, to, other]) ws.destroy();
  });
});
