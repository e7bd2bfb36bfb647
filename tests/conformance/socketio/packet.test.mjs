import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { ours, serve } from '../support/server.mjs';
import { assertAlive, openPollingSocket, openSocket, placeholder } from '../support/socketio.mjs';

// Messages of a client that has joined `/`, and after which the server closes the connection.
const fatal = {
  'a bare message': ['4'],
  'an unknown type': ['47["message"]'],
  'a type that is no digit': ['4x'],
  'an event that is an object': ['42{}'],
  'an event that is a string': ['42"message"'],
  'an event that is null': ['42null'],
  'an empty event': ['42[]'],
  'an event named null': ['42[null]'],
  'an event named true': ['42[true]'],
  'an event named by an object': ['42[{"a":1}]'],
  'an event named by an array': ['42[["message"]]'],
  'an event that ends early': ['42["message"'],
  'an event that goes on': ['42["message"]]'],
  'an event with a trailing comma': ['42["message",]'],
  'an event with a value that JSON has not': ['42["message",undefined]'],
  'an event with a control character': ['42["message","\n"]'],
  'an event of two values': ['42["message"]["message"]'],
  'an event with an ack id behind': ['42["message"]1'],
  'an event for a namespace not joined': ['42/custom,["message"]'],
  'an event for an unknown namespace': ['42/unknown,["message"]'],
  'a namespace without a comma, then JSON': ['42/["message"]'],
  'a DISCONNECT from a namespace not joined': ['41/custom,'],
  'an ACK for a namespace not joined': ['43/custom,0[]'],
  'an ACK that is an object': ['430{}'],
  'an ACK that is a string': ['430"yes"'],
  'an ACK that is null': ['430null'],
  'a CONNECT_ERROR': ['44'],
  'a CONNECT_ERROR with an object': ['44{"message":"no"}'],
  'a CONNECT_ERROR with a string': ['44"no"'],
  'a DISCONNECT with an object': ['41{}'],
  'a DISCONNECT with an array': ['41["why"]'],
  'no attachments, announced': ['450-["message"]'],
  'attachments without a number': ['45["message"]'],
  'attachments without a digit': ['45-["message"]'],
  'attachments of a letter': ['45x-["message"]'],
  'attachments less than none': ['45-1-["message"]'],
  'attachments without a dash': ['451["message"]'],
  'eleven attachments': ['4511-["message"]'],
  'a billion attachments': ['451000000000-["message"]'],
  'a binary ACK without a number': ['46["message"]'],
  'a binary event that is an object': [`451-${placeholder(0)}`, Buffer.from('x')],
  'text while an attachment is due': [`451-["message",${placeholder(0)}]`, '42["message"]'],
  'a CONNECT while an attachment is due': [`451-["message",${placeholder(0)}]`, '40/custom,'],
  'an attachment without an event': [Buffer.from('x')],
  'one attachment too many': [
    `451-["message",${placeholder(0)}]`,
    Buffer.from('x'),
    Buffer.from('y'),
  ],
  'a placeholder out of range': [`451-["message",${placeholder(1)}]`, Buffer.from('x')],
  'a placeholder far out of range': [`451-["message",${placeholder(1e15)}]`, Buffer.from('x')],
  'a placeholder below zero': [`451-["message",${placeholder(-1)}]`, Buffer.from('x')],
  'a placeholder without a number': [
    '451-["message",{"_placeholder":true}]',
    Buffer.from('x'),
  ],
  'a placeholder with a text': [`451-["message",${placeholder('"0"')}]`, Buffer.from('x')],
};
for (const name of [
  'connect',
  'connect_error',
  'disconnect',
  'disconnecting',
  'newListener',
  'removeListener',
]) {
  fatal[`the reserved name ${name}`] = [`42["${name}",1]`];
  fatal[`the reserved name ${name}, in a binary event`] = [
    `451-["${name}",${placeholder(0)}]`,
    Buffer.from('x'),
  ];
}
fatal['a reserved name with an escape'] = ['42["disconn\\u0065ct"]'];

describe('packets that close the connection', () => {
  const server = serve('socketio');

  for (const [what, messages] of Object.entries(fatal)) {
    test(what, async () => {
      const ws = await openSocket(server);
      for (const message of messages) ws.send(message);
      assert.equal(await ws.closed(), 1005);
    });
  }

  // The reference tolerates these.
  for (const packet of ['42', '421', '43', '430']) {
    ours(`${packet}, which has no payload`, async () => {
      const ws = await openSocket(server);
      ws.send(packet);
      assert.equal(await ws.closed(), 1005);
    });
  }

  for (const packets of [
    ['47'],
    ['42[]'],
    ['42["disconnect"]'],
    ['bAQID'],
    [`451-["message",${placeholder(0)}]`, '42["message"]'],
    [`451-["message",${placeholder(3)}]`, 'bAQID'],
  ]) {
    test(`over polling: ${packets.join(' ')}`, async () => {
      const peer = await openPollingSocket(server);
      const poll = peer.poll();
      await poll.arrived();
      await peer.say(...packets);
      assert.equal((await poll.response).body, '1');
      await peer.assertGone();
    });
  }

  test('all namespaces end, and others get no more from them', async () => {
    const [bad, good] = [await openSocket(server), await openSocket(server)];
    for (const ws of [bad, good]) {
      ws.send('420["join","all"]');
      assert.equal(await ws.next(), '430[]');
    }
    bad.send('47');
    assert.equal(await bad.closed(), 1005);
    good.send('42["ns-room","all",1]');
    assert.equal(await good.next(), '42["room-msg",1]');
    await assertAlive(good);
    good.destroy();
  });

  test('what comes behind one is not read', async () => {
    const [bad, good] = [await openSocket(server), await openSocket(server)];
    bad.send('47');
    bad.send('42["broadcast","too late"]');
    assert.equal(await bad.closed(), 1005);
    await assertAlive(good);
    good.destroy();
  });
});

describe('packets that do not', () => {
  const server = serve('socketio');

  for (const packet of [
    '42["unheard of"]',
    '42["unheard of",{"a":[]}]',
    '42[7,"a number for a name"]',
    '42[""]',
    '43999[]',
    '43999["unasked"]',
    '4299["unheard of"]',
  ]) {
    test(`${packet} is ignored`, async () => {
      const ws = await openSocket(server);
      ws.send(packet);
      await assertAlive(ws);
      await ws.quiet(20);
      ws.destroy();
    });
  }

  for (const [packet, reply] of [
    ['42/,["message",1]', '42["message-back",1]'],
    ['42["message",1]', '42["message-back",1]'],
    ['42[ "message" , 1 ] ', '42["message-back",1]'],
    ['42["mess\\u0061ge",1]', '42["message-back",1]'],
    ['42["message"]', '42["message-back"]'],
  ]) {
    test(`${packet} is answered with ${reply}`, async () => {
      const ws = await openSocket(server);
      ws.send(packet);
      assert.equal(await ws.next(), reply);
      ws.destroy();
    });
  }
});
