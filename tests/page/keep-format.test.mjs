// The format of kept jams, and how one is read from messages; in Node, since it needs no page.
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';

import { load } from './support/module.mjs';

const members = [
  { name: 'Ada', instrument: 'piano' },
  { name: 'Bob', instrument: 'drums' },
];
const note = (member, atMs, lengthMs, pitch, velocity = 0.5) => ({ member, atMs, lengthMs, pitch, velocity });
const jam = { members, notes: [note(0, 0, 500, 60), note(1, 250, 10, 36, 1), note(0, 1000, 333, 127, 0)] };

describe('The file of a kept jam', () => {
  let format;
  before(async () => {
    format = await load('keep/kept-jam.ts');
  });

  it('is read as it was written', () => {
    assert.deepEqual(format.readJam(format.writeJam(jam)), jam);
    assert.equal(format.lengthOf(jam), 1333);
    const empty = { members: [], notes: [] };
    assert.deepEqual(format.readJam(format.writeJam(empty)), empty);
  });

  it('is coarser with a longer tick, and notes do not drift', () => {
    const many = { members, notes: Array.from({ length: 1000 }, (_, at) => note(0, at * 14, 14, 60)) };
    const { notes } = format.readJam(format.writeJam(many, 10));
    for (const [at, { atMs }] of notes.entries()) assert.ok(Math.abs(atMs - at * 14) <= 5);
  });

  const file = (changes) => (text) => JSON.stringify({ ...JSON.parse(text), ...changes });
  for (const [what, change, words] of [
    ['no JSON', () => 'hello', 'This is not a kept jam.'],
    ['nothing', () => '', 'This is not a kept jam.'],
    ['null', () => 'null', 'This is not a kept jam.'],
    ['a list', () => '[1]', 'This is not a kept jam.'],
    ['another format', file({ format: 'midi' }), 'This is not a kept jam.'],
    ['a later version', file({ version: 2 }), /another version/],
    ['no tick', file({ tickMs: 0 }), /damaged: its tickMs/],
    ['members that are none', file({ members: 'Ada' }), /damaged: its members/],
    ['a member without a name', file({ members: [[1, 'piano']] }), /damaged: its members/],
    ['a name without an end', file({ members: [['A'.repeat(201), 'piano']] }), /damaged: its members/],
    ['too many members', file({ members: Array(201).fill(['A', 'b']) }), /has 201 members, and the page plays 200/],
    ['a player who is not there', file({ member: [0, 2, 0] }), /damaged: its member/],
    ['a pitch beyond all', file({ pitch: [60, 128, 60] }), /damaged: its pitch/],
    ['half a pitch', file({ pitch: [60, 36.5, 60] }), /damaged: its pitch/],
    ['time that goes back', file({ after: [0, -1, 60] }), /damaged: its after/],
    ['a day and more', file({ after: [0, 8e7, 8e7] }), /damaged: its after/],
    ['a note without an end', file({ length: [1, 1e12, 1] }), /damaged: its length/],
    ['strength that is a word', file({ velocity: [1, 'loud', 1] }), /damaged: its velocity/],
    ['a column that is shorter', file({ pitch: [60] }), /damaged: its number of notes/],
    ['a column that is missing', file({ after: undefined }), /damaged: its after/],
    ['too many notes', file({ after: Array(100_001).fill(0) }), /has 100001 notes, and the page plays 100000/],
    ['too much of all', (text) => text + ' '.repeat(5 * 2 ** 20), /too large/],
  ]) {
    it(`is refused with ${what}, in one sentence`, () => {
      assert.throws(
        () => format.readJam(change(format.writeJam(jam))),
        (error) => {
          assert.ok(!error.message.includes('\n'));
          if (typeof words === 'string') assert.equal(error.message, words);
          else assert.match(error.message, words);
          return true;
        },
      );
    });
  }

  it('holds the end of a jam that is too long for it', () => {
    const many = Array.from({ length: 100_500 }, (_, at) => note(at < 1000 ? 0 : 1, at * 20, 10, 60));
    const kept = format.withinLimits({ members, notes: many });
    assert.equal(kept.notes.length, 100_000);
    assert.equal(kept.notes[0].atMs, 0);
    assert.equal(format.readJam(format.writeJam(kept)).notes.length, 100_000);
    const crowd = Array.from({ length: 500 }, (_, at) => ({ name: `M${at}`, instrument: 'bass' }));
    const played = format.withinLimits({ members: crowd, notes: crowd.map((_, at) => note(at, at, 1, 60)) });
    assert.ok(played.members.length <= 200);
    assert.equal(played.members.at(-1).name, 'M499');
    assert.equal(played.members[played.notes.at(-1).member].name, 'M499');
    const days = format.withinLimits({ members, notes: [note(0, 0, 1, 60), note(1, 2e8, 1, 61)] });
    assert.deepEqual(days, { members: [members[1]], notes: [note(0, 0, 1, 61)] });
  });
});

describe('A jam is kept from messages', () => {
  let keep;
  before(async () => {
    ({ keep } = await load('keep/keep.ts'));
  });

  /** Messages of one client. */
  class Talk {
    messages = [];
    #add(time, isUp, frame, kind = 'text', lane = 0) {
      this.messages.push({ time, lane, isUp, kind, frame, line: -1 });
      return this;
    }
    up = (time, event, payload, lane) =>
      this.#add(time, true, `42${JSON.stringify([event, payload])}`, 'text', lane);
    down = (time, event, payload, lane) =>
      this.#add(time, false, `42${JSON.stringify([event, payload])}`, 'text', lane);
    event = (time, frame) => this.#add(time, false, frame, 'event');
    created = (time, roomCode, userId) =>
      this.up(time, 'session:create', { name: ' Ada ', instrument: 'piano' }).down(
        time,
        'session:created',
        { roomCode, userId, resumeToken: 'a-secret-token' },
      );
    plays = (time, pitch) => this.up(time, 'session:event', { type: 'note', data: { pitch, velocity: 0.5 } });
    ends = (time, pitch) => this.up(time, 'session:event', { type: 'note-off', data: { pitch } });
    hears = (time, userId, pitch, type = 'note') =>
      this.down(time, 'session:event', { userId, type, data: { pitch, velocity: 0.5 } });
  }

  it('with its own notes, those of others, and all names', () => {
    const { messages } = new Talk()
      .created(100, 'JAM-23', 'me-1')
      .plays(1000, 60)
      .down(1100, 'session:user-joined', { user: { id: 'bob-1', name: 'Bob', instrument: 'drums' } })
      .hears(1250, 'bob-1', 36)
      .hears(1260, 'bob-1', 36, 'note-off')
      .hears(1300, 'nobody', 50)
      .up(1400, 'session:event', { type: 'wave', data: { pitch: 1 } })
      .ends(1500, 60)
      .down(1550, 'session:user-joined', { user: { id: 'eve-1', name: 'Eve', instrument: 'kazoo' } });
    const kept = keep({ messages });
    assert.deepEqual(kept, {
      members: [...members, { name: 'Eve', instrument: 'kazoo' }],
      notes: [note(0, 0, 500, 60), note(1, 250, 10, 36)],
    });
    assert.doesNotMatch(JSON.stringify(kept), /me-1|bob-1|secret|JAM/);
  });

  it('without what was played in the session before', () => {
    const { messages } = new Talk()
      .created(0, 'OLD-11', 'me-1')
      .plays(10, 50)
      .created(20, 'JAM-23', 'me-1')
      .plays(30, 60);
    assert.deepEqual(keep({ messages }).notes, [note(0, 0, 0, 60)]);
  });

  it('over a lost connection, which ends the notes that sound', () => {
    const talk = new Talk().created(0, 'JAM-23', 'me-1').plays(10, 60);
    talk.event(15, 'transport: websocket');
    talk.event(30, 'connection closed: transport close');
    talk.down(500, 'session:joined', {
      roomCode: 'JAM-23',
      userId: 'me-1',
      participants: [{ id: 'me-1', name: 'Ada', instrument: 'piano' }],
      away: [{ id: 'bob-1', name: 'Bob', instrument: 'drums', graceMs: 5 }],
      resumed: true,
    });
    talk.plays(510, 62).ends(530, 62);
    assert.deepEqual(keep({ messages: talk.messages }), {
      members,
      notes: [note(0, 0, 20, 60), note(0, 500, 20, 62)],
    });
  });

  it('with another instrument as another member, and with a new name as the same one', () => {
    const { messages } = new Talk()
      .created(0, 'JAM-23', 'me-1')
      .plays(0, 60)
      .ends(5, 60)
      .up(10, 'session:update', { instrument: 'bass' })
      .plays(10, 40)
      .ends(15, 40)
      .up(20, 'session:update', { name: 'Augusta' });
    assert.deepEqual(keep({ messages }), {
      members: [
        { name: 'Ada', instrument: 'piano' },
        { name: 'Augusta', instrument: 'bass' },
      ],
      notes: [note(0, 0, 5, 60), note(1, 10, 5, 40)],
    });
  });

  it('when the message that named its members was dropped', () => {
    const { messages } = new Talk().hears(5000, 'bob-1', 36).plays(5010, 60).hears(5010, 'bob-1', 36, 'note-off');
    const participants = [
      { id: 'me-1', ...members[0] },
      { id: 'bob-1', ...members[1] },
    ];
    const kept = keep({ messages, own: { code: 'JAM-23', selfId: 'me-1', participants } });
    assert.deepEqual(kept, { members, notes: [note(1, 0, 10, 36), note(0, 10, 0, 60)] });
  });

  it('of a trace as that client knew it which received most', () => {
    const talk = new Talk().created(0, 'JAM-23', 'me-1');
    const joined = { roomCode: 'JAM-23', userId: 'bob-1', participants: [
      { id: 'me-1', ...members[0] }, { id: 'bob-1', ...members[1] },
    ] };
    talk.down(5, 'session:joined', joined, 1);
    talk.up(10, 'session:event', { type: 'note', data: { pitch: 36, velocity: 0.5 } }, 1);
    talk.plays(20, 60).down(20, 'session:event', { userId: 'me-1', type: 'note', data: { pitch: 60, velocity: 0.5 } }, 1);
    assert.deepEqual(keep({ messages: talk.messages }), {
      members,
      notes: [note(1, 0, 10, 36), note(0, 10, 0, 60)],
    });
    assert.equal(keep({ messages: [] }), undefined);
  });
});
