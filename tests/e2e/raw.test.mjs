// Malformed input that no stock client sends: packets, payloads and frames made by hand. Each time
// another session plays on undisturbed, and the sender can connect again.
import assert from 'node:assert/strict';
import { describe } from 'node:test';
import WebSocket from 'ws';

import { band, undisturbed } from './scenarios/band.mjs';
import { ways } from './support/client.mjs';
import { within } from './support/patience.mjs';
import { RawPeer, RawPolling } from './support/raw.mjs';
import { theatre } from './support/theatre.mjs';
import { dial } from './support/tls.mjs';

const [, overWebSocket] = ways;

/** Messages after which the server closes the connection of any client. */
const fatal = {
  'an unknown packet type': ['47["session:create"]'],
  'no packet type': ['4x'],
  'an empty message': ['4'],
  'an event that is an object': ['42{"name":"Alice"}'],
  'an event that is a string': ['42"session:create"'],
  'an event that is null': ['42null'],
  'an empty event': ['42[]'],
  'an event whose name is null': ['42[null]'],
  'an event whose name is an object': ['42[{"name":"session:create"}]'],
  'an event whose name is reserved': ['42["disconnect"]'],
  'an event whose name is reserved, too': ['42["connect_error",{"message":"no"}]'],
  'JSON that ends early': ['42["session:create",{"name":"Alice"'],
  'JSON that goes on': ['42["session:create",{"name":"Alice"}]]'],
  'JSON with a trailing comma': ['42["session:create",{"name":"Alice"},]'],
  'JSON with single quotes': ["42['session:create',{'name':'Alice'}]"],
  'JSON with a comment': ['42["session:create",/* who? */{"name":"Alice"}]'],
  'JSON with NaN': ['42["session:create",{"name":NaN}]'],
  'JSON with a raw control character': ['42["session:create",{"name":"Al\u0001ice"}]'],
  'JSON with a bad escape': ['42["session:create",{"name":"\\x41lice"}]'],
  'an acknowledgement that is an object': ['431{}'],
  'a CONNECT_ERROR from a client': ['44{"message":"no"}'],
  'a DISCONNECT with a payload': ['41{"reason":"bye"}'],
  'an event for a namespace not joined': ['42/elsewhere,["session:create",{"name":"Alice"}]'],
  'a second CONNECT': ['40'],
  'no attachments, announced': ['450-["session:create",{"name":"Alice"}]'],
  'attachments without a number': ['45["session:create",{"name":"Alice"}]'],
  'too many attachments': ['4511-["session:event",{"type":"note"}]'],
  'a billion attachments': ['451000000000-["session:event",{"type":"note"}]'],
  'an attachment without a header': [Buffer.from('who am I?')],
  'text where an attachment is due': [
    '451-["session:event",{"type":"note","data":{"_placeholder":true,"num":0}}]',
    '42["session:create",{"name":"Alice"}]',
  ],
  'a placeholder that is out of range': [
    '451-["session:event",{"type":"note","data":{"_placeholder":true,"num":7}}]',
    Buffer.from('drum'),
  ],
  'a placeholder that is no number': [
    '451-["session:event",{"type":"note","data":{"_placeholder":true,"num":"0"}}]',
    Buffer.from('drum'),
  ],
};

/** Messages that may be refused or not; the server must only keep working. */
const debatable = {
  'an event without a payload': ['42'],
  'an acknowledgement without a payload': ['43'],
  'an acknowledgement that nobody awaits': ['4312345["surprise"]'],
  'an enormous acknowledgement id': ['4299999999999999999999["session:create",{"name":"Alice"}]'],
  'arrays a hundred thousand deep': [`42["session:create",${'['.repeat(1e5)}${']'.repeat(1e5)}]`],
  'objects fifty thousand deep': [
    `42["session:event",{"type":"x","data":${'{"a":'.repeat(5e4)}1${'}'.repeat(5e4)}}]`,
  ],
  'arrays that never end': [`42["session:create",${'['.repeat(900_000)}`],
  'numbers beyond all bounds': [
    `42["session:event",{"type":"x","data":[1e999,-1e999,${'9'.repeat(999)}]}]`,
  ],
  'an object with a doubled key': ['42["session:create",{"name":42,"name":"Alice"}]'],
  'a name made of escapes': ['42["session:create",{"\\u006eame":"\\u0041lice"}]'],
  'a name that is half a surrogate pair': ['42["session:create",{"name":"\\udc00\\ud800"}]'],
  'a thousand arguments': [`42["session:create"${',{"name":"Alice"}'.repeat(1000)}]`],
  'a hundred thousand fields': [
    `42["session:create",{${Array.from({ length: 5e4 }, (_, i) => `"${i}":0`)},"name":"Alice"}]`,
  ],
  'a negative placeholder': [
    '451-["session:event",{"type":"x","data":{"_placeholder":true,"num":-1}}]',
    Buffer.from('drum'),
  ],
  'a CONNECT to a very long namespace': [`40/${'n'.repeat(500_000)},`],
  'a byte order mark': ['42\ufeff["session:create",{"name":"Alice"}]'],
};

/** Messages instead of a CONNECT after which the server closes the connection. */
const fatalAtFirst = {
  'an event before the CONNECT': ['42["session:create",{"name":"Alice"}]'],
  'a CONNECT with an array': ['40[]'],
  'a CONNECT with a string': ['40"Alice"'],
  'a CONNECT with null': ['40null'],
  'a CONNECT with broken JSON': ['40{"token":'],
  'an attachment before the CONNECT': [Buffer.from('hello')],
};

for (const transport of ['polling', 'websocket']) {
  describe(`Raw packets over ${transport}`, () => {
    const { play } = theatre('--no-limits');

    function eachOf(cases, title, answer) {
      for (const [what, messages] of Object.entries(cases)) {
        play(`${title} ${what}`, overWebSocket, async ({ connect, url }) => {
          const { members } = await band(connect, 'Alice', 'Bob');
          await undisturbed(members, async () => {
            await answer(url, messages);
            await expectWelcome(url, transport);
          });
        });
      }
    }

    eachOf(fatal, 'The connection is closed after', async (url, messages) => {
      const mallory = await RawPeer.join(url, transport);
      mallory.send(...messages);
      await mallory.expectClosed();
    });

    eachOf(fatalAtFirst, 'The connection is closed after', async (url, messages) => {
      const mallory = await RawPeer.open(url, transport);
      mallory.send(...messages);
      await mallory.expectClosed();
    });

    eachOf(debatable, 'The server survives', async (url, messages) => {
      const mallory = await RawPeer.join(url, transport);
      mallory.send(...messages);
      mallory.close();
      await mallory.expectClosed();
    });

    eachOf(debatable, 'The server survives, from a member of a session,', async (url, messages) => {
      const mallory = await RawPeer.join(url, transport);
      await mallory.request('session:create', { name: 'Mallory' });
      mallory.send(...messages);
      mallory.send('422["session:create",{"name":"Mallory"}]');
      // Either the last request is answered, or the connection is closed.
      await Promise.race([answerTo(mallory, '432'), mallory.expectClosed()]);
      mallory.close();
    });

    play('Who leaves the namespace can join it again', overWebSocket, async ({ connect, url }) => {
      const { roomCode, members } = await band(connect, 'Alice');
      const [alice] = members;
      const bob = await RawPeer.join(url, transport);
      await bob.request('session:join', { roomCode, name: 'Bob' });
      bob.send('41');
      assert.deepEqual(await alice.until('session:user-left'), { userId: bob.id });

      bob.send('40');
      const { sid } = JSON.parse((await answerTo(bob, '40')).slice(2));
      assert.notEqual(sid, bob.id);
      await bob.request('session:join', { roomCode, name: 'Bob' });
      bob.close();
      const left = await alice.until('session:user-left');
      assert.deepEqual(left, { userId: sid, away: true, graceMs: 120_000 });
    });

    play('An attachment may stand in two places', overWebSocket, async ({ connect, url }) => {
      const { roomCode, members } = await band(connect, 'Alice');
      const mallory = await RawPeer.join(url, transport);
      await mallory.request('session:join', { roomCode, name: 'Mallory' });
      const placeholder = '{"_placeholder":true,"num":0}';
      mallory.send(
        `451-["session:event",{"type":"drums","data":[${placeholder},${placeholder}]}]`,
        Buffer.from('drum'),
      );
      const { data } = await members[0].until('session:event');
      assert.deepEqual(data, [Buffer.from('drum'), Buffer.from('drum')]);
    });
  });
}

describe('Raw bytes', () => {
  const { play } = theatre('--no-limits');
  const broken = [0xff, 0xc0, 0x80, 0xed, 0xa0, 0x80];
  const brokenEvent = Buffer.concat([
    Buffer.from('42["session:event",{"type":"note","data":"'),
    Buffer.from(broken),
    Buffer.from('"}]'),
  ]);

  play('Broken UTF-8 closes a WebSocket with 1007', overWebSocket, async ({ connect, url }) => {
    const { roomCode, members } = await band(connect, 'Alice', 'Bob');
    const { webSocket, closed } = await openWebSocket(url);
    webSocket.send(`421["session:join",${JSON.stringify({ roomCode, name: 'Mallory' })}]`);
    for (const member of members) await member.until('session:user-joined');

    webSocket.send(brokenEvent, { binary: false });
    assert.equal(await closed, 1007);
    for (const member of members) await member.until('session:user-left');
    await undisturbed(members, () => expectWelcome(url, 'websocket'));
  });

  play('Broken UTF-8 in a POST ends its session', overWebSocket, async ({ connect, url }) => {
    const { roomCode, members } = await band(connect, 'Alice', 'Bob');
    const mallory = await RawPolling.open(url);
    await mallory.post('40');
    await mallory.post(`42["session:join",${JSON.stringify({ roomCode, name: 'Mallory' })}]`);
    for (const member of members) await member.until('session:user-joined');

    assert.equal((await mallory.post(brokenEvent)).status, 200);
    for (const member of members) await member.until('session:user-left');
    await mallory.expectGone();
    await undisturbed(members, () => expectWelcome(url, 'polling'));
  });

  play('More than 1 MB closes a WebSocket with 1009', overWebSocket, async ({ connect, url }) => {
    const { members } = await band(connect, 'Alice', 'Bob');
    await undisturbed(members, async () => {
      const { webSocket, closed } = await openWebSocket(url);
      webSocket.send('n'.repeat(1_100_000));
      assert.equal(await closed, 1009);
      await expectWelcome(url, 'websocket');
    });
  });

  play('More than 1 MB in a POST is refused with 413', overWebSocket, async ({ connect, url }) => {
    const { members } = await band(connect, 'Alice', 'Bob');
    await undisturbed(members, async () => {
      const mallory = await RawPolling.open(url);
      await mallory.post('40');
      await mallory.get();

      const { status } = await mallory.post(
        `42["session:create",{"name":"${'n'.repeat(1_100_000)}"}]`,
      );
      assert.equal(status, 413);
      // The session survives it.
      await mallory.post('421["session:create",{"name":"Mallory"}]');
      assert.match((await mallory.get()).body, /session:created/);
    });
  });

  const payloads = {
    'an empty body': '',
    'an empty packet': '42["x"]\x1e\x1e42["y"]',
    'an unknown packet type': '9',
    'a ping from a client': '2',
    'base64 that is none': 'b!!!!',
  };
  for (const [what, payload] of Object.entries(payloads)) {
    play(`A POST with ${what} ends its session`, overWebSocket, async ({ connect, url }) => {
      const { members } = await band(connect, 'Alice', 'Bob');
      await undisturbed(members, async () => {
        const mallory = await RawPolling.open(url);
        await mallory.post('40');
        await mallory.get();
        await mallory.post(payload);
        await mallory.expectGone();
        await expectWelcome(url, 'polling');
      });
    });
  }

  play('Noise instead of HTTP is hung up on', overWebSocket, async ({ connect, server, url }) => {
    const { members } = await band(connect, 'Alice', 'Bob');
    const noises = [
      'HELLO?\r\n\r\n',
      '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
      `GET /${'a'.repeat(100_000)} HTTP/1.1\r\n\r\n`,
      `GET / HTTP/1.1\r\nX: ${'a'.repeat(100_000)}\r\n\r\n`,
      'POST /socket.io/?EIO=4 HTTP/1.1\r\nContent-Length: -1\r\n\r\n',
      'GET /socket.io/?EIO=4&transport=polling HTTP/9.9\r\n\r\n',
    ];
    await undisturbed(members, async () => {
      for (const noise of noises) await hungUp(server, noise);
      await expectWelcome(url, 'polling');
    });
  });
});

/** Sends bytes to the port, and waits until the server has closed the connection. */
function hungUp(server, words) {
  const socket = dial(server, () => socket.write(words, 'latin1'));
  // The server's answer does not matter, nor whether it has read everything.
  socket.resume().on('error', () => {});
  const closed = new Promise((resolve) => socket.on('close', resolve));
  return within(closed, () => `the server to hang up on ${JSON.stringify(words.slice(0, 40))}`);
}

/** A client that was disconnected can connect again, and play. */
async function expectWelcome(url, transport) {
  const peer = await RawPeer.join(url, transport);
  const { ok } = await peer.request('session:create', { name: 'Mallory' });
  assert.equal(ok, true);
  peer.close();
}

async function answerTo(peer, prefix) {
  for (;;) {
    const message = await peer.next();
    if (message.startsWith?.(prefix)) return message;
  }
}

/** A WebSocket that has joined the main namespace, and the code with which it will be closed. */
async function openWebSocket(url) {
  const webSocket = new WebSocket(
    `${url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`,
  );
  const closed = within(
    new Promise((resolve) => webSocket.on('close', resolve)),
    () => 'the server to close the WebSocket',
  );
  const joined = new Promise((resolve) =>
    webSocket.on('message', (message) => String(message).startsWith('40') && resolve()),
  );
  webSocket.on('open', () => webSocket.send('40'));
  await within(joined, () => 'the CONNECT reply');
  return { webSocket, closed };
}
