// What the page keeps of a long jam, in Node: an hour in a browser would take one.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { load } from './support/module.mjs';

const events = JSON.stringify('42["session:event",{"type":"note","data":{"pitch":60,"velocity":0.3}}]');
const heard = JSON.stringify(
  '42["session:event",{"userId":"oY3rvl5VMvvuopP4AAAB","type":"note","data":{"pitch":60,"velocity":0.3}}]',
);
const about = (link) =>
  JSON.stringify({ query: 'EIO=4&transport=websocket', origin: '', contentType: '', address: link });

/** The lines of so many notes of four robots: each is sent by one and received by three. */
function* jam(notes) {
  yield 'downbeat trace 2 {}';
  for (let at = 1; at <= 4; ++at) yield `0 > websocket ${at} ${about(`Robo ${at}`)}`;
  for (let note = 0; note < notes; ++note) {
    const from = (note % 4) + 1;
    yield `${note * 62} > text ${from} ${events}`;
    for (let to = 1; to <= 4; ++to) if (to !== from) yield `${note * 62} < send ${to} ${heard}`;
    yield `${note * 62} < wait 9000`;
  }
}

/** The memory of all kept texts, counted again. */
const sizeOf = ({ lines, messages }) =>
  lines.reduce((sum, line) => sum + line.length, 0) +
  messages.reduce((sum, { frame }) => sum + frame.length, 0);

const anHour = 16 * 3600;

describe('What the page keeps', () => {
  it('of an hour of four robots stays within a fixed budget', async () => {
    const { Recording } = await load('wire/recording.ts');
    const recording = new Recording();
    let most = 0;
    let count = 0;
    for (const line of jam(anHour)) {
      recording.push(line);
      if (++count % 10_000 === 0) most = Math.max(most, sizeOf(recording));
    }
    assert.ok(most < 33 * 2 ** 20, `${most} characters`);
    assert.ok(most > 8 * 2 ** 20, 'it does not forget sooner than it must');
    assert.ok(recording.cost <= recording.budget);
    assert.equal(recording.end, 4 + 4 * anHour, 'messages keep their numbers');
    assert.ok(recording.first > 0);
    assert.equal(recording.at(recording.first), undefined);
    assert.equal(recording.at(recording.first + 1), recording.messages[0]);
    assert.equal(recording.at(recording.end), recording.messages.at(-1));
    assert.equal(recording.isWhole, false);
    const [header, gap, oldest] = recording.text.split('\n');
    assert.equal(header, 'downbeat trace 2 {}');
    assert.match(gap, /^# /);
    assert.match(oldest, /^\d+ [<>] /);
    // The lines of the messages that are kept are there, and none of those before.
    const { line, frame } = recording.messages[0];
    assert.ok(recording.lines[0].includes(JSON.stringify(frame)));
    const last = recording.messages.at(-1).line;
    assert.equal(last - line, recording.lines.length - 2, 'the last line is no message');
  });

  it('is all, while it is within the budget', async () => {
    const { Recording } = await load('wire/recording.ts');
    const lines = [...jam(100)];
    const recording = new Recording();
    for (const line of lines) recording.push(line);
    assert.equal(recording.isWhole, true);
    assert.equal(recording.first, 0);
    assert.equal(recording.text, `${lines.join('\n')}\n`);
    assert.equal(Recording.of(recording.text).lines.length, lines.length);
  });

  it('has stars instead of secrets, as many as there were characters', async () => {
    const { withoutSecrets } = await load('wire/secrets.ts');
    const up = (frame) => withoutSecrets(frame, true);
    const down = (frame) => withoutSecrets(frame, false);
    assert.equal(up('40'), '40');
    assert.equal(
      up('40{"pid":"abcd","offset":"ef","resume":true,"resumeToken":"ghi"}'),
      '40{"pid":"****","offset":"**","resume":true,"resumeToken":"***"}',
    );
    // A client may show anything, by any name: a password, a token in a list.
    assert.equal(up('40/admin,{"auth":{"sid":"ab","all":["c"]}}'), '40/admin,{"auth":{"sid":"**","all":["*"]}}');
    assert.equal(up('40/admin,"abc"'), '40/admin,"***"');
    assert.equal(up('40{"pid":"abc'), '40***********');
    assert.equal(down('40{"sid":"public","pid":"abcd"}'), '40{"sid":"public","pid":"****"}');
    assert.equal(down('0{"sid":"abc","upgrades":[]}'), '0{"sid":"***","upgrades":[]}');
    const joined = (token) => `42["session:joined",{"roomCode":"JAM-23","resumeToken":"${token}","resumed":true}]`;
    assert.equal(down(joined('a\\"bc')), joined('*****'));
    assert.equal(down('430[{"ok":true,"resumeToken":"abc"}]'), '430[{"ok":true,"resumeToken":"***"}]');
    const note = '42["session:event",{"userId":"abc","type":"note"},"1-2"]';
    assert.equal(down(note), note);
  });

  it('is the newest message at least, however large', async () => {
    const { MessageLog } = await load('wire/message-log.ts');
    const log = new MessageLog(10_000);
    const add = (size) =>
      log.add({ time: 0, lane: 0, isUp: false, kind: 'binary', frame: 'A'.repeat(size), line: -1 });
    for (let count = 0; count < 100; ++count) add(10);
    add(50_000);
    assert.equal(log.messages.length, 1);
    add(10);
    assert.equal(log.messages.length, 1);
    assert.equal(log.end, 102);
  });

  it('is enough to know what a device knew, without the messages that are gone', async () => {
    const [{ MessageLog }, { ClientStateModel }] = await Promise.all([load('wire/message-log.ts'), load('wire/client-state-model.ts')]);
    const log = new MessageLog(20_000);
    const model = new ClientStateModel(log);
    let time = 0;
    const hear = (frame) =>
      log.add({ time: ++time, lane: 0, isUp: false, kind: 'text', frame, line: -1 });
    hear('40{"sid":"me"}');
    const members = [{ id: 'me', name: 'Ada', instrument: 'piano' }];
    hear(
      `42${JSON.stringify(['session:joined', { roomCode: 'JAM-23', hostId: 'me', participants: members }])}`,
    );
    for (let note = 0; note < 1000; ++note) hear('42["session:event",{"type":"note"}]');
    assert.ok(log.first > 2);
    assert.equal(model.after(log.end).notesHeard, 1000);
    assert.equal(model.after(log.end).session.code, 'JAM-23');
    const { notesHeard, session } = model.after(log.first);
    assert.equal(notesHeard, log.first - 2);
    assert.deepEqual(session.participants, members);
    for (let note = 0; note < 1000; ++note) hear('42["session:event",{"type":"note"}]');
    assert.equal(model.after(log.end).notesHeard, 2000);
  });
});
