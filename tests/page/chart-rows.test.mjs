// Which rows the chart has, in Node: the browser only draws them.
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';

import { load } from './support/module.mjs';

describe('The rows of the chart', () => {
  let rowsUpTo;
  let MessageLog;
  before(async () => {
    ({ rowsUpTo } = await load('wire/chart-rows.ts'));
    ({ MessageLog } = await load('wire/message-log.ts'));
  });

  /** A note of lane 0 that two others receive: three messages, and three for its end. */
  function jamLog() {
    const log = new MessageLog();
    const add = (time, lane, isUp, event, payload) =>
      log.add({ time, lane, isUp, kind: 'text', frame: `42${JSON.stringify([event, payload])}`, line: -1 });
    add(0, 0, true, 'session:create', {});
    for (const [time, type] of [[10, 'note'], [20, 'note-off']]) {
      add(time, 0, true, 'session:event', { type, data: { pitch: 60 } });
      for (const lane of [1, 2]) add(time, lane, false, 'session:event', { userId: 'a', type, data: { pitch: 60 } });
    }
    add(30, 1, false, 'session:event', { userId: 'b', type: 'note', data: { pitch: 62 } });
    add(40, 0, false, 'session:user-left', {});
    return log;
  }
  const shape = (rows) => rows.map(({ number, messages }) => [number, messages.length]);

  it('are one for each note, if these are folded', () => {
    const log = jamLog();
    assert.deepEqual(shape(rowsUpTo(log, log.end, 60, 'fold')), [[1, 1], [2, 6], [8, 1], [9, 1]]);
    assert.deepEqual(shape(rowsUpTo(log, 3, 60, 'fold')), [[1, 1], [2, 2]], 'up to the cursor');
    assert.deepEqual(shape(rowsUpTo(log, log.end, 2, 'fold')), [[8, 1], [9, 1]], 'the last ones');
  });

  it('are none of notes that are hidden, or one for each message', () => {
    const log = jamLog();
    assert.deepEqual(shape(rowsUpTo(log, log.end, 60, 'hide')), [[1, 1], [9, 1]]);
    assert.equal(rowsUpTo(log, log.end, 60, 'all').length, 9);
  });

  it('fold a note of two others at one moment into two', () => {
    const log = new MessageLog();
    for (const userId of ['a', 'b'])
      log.add({
        time: 5, lane: 0, isUp: false, kind: 'text', line: -1,
        frame: `42${JSON.stringify(['session:event', { userId, type: 'note', data: { pitch: 60 } }])}`,
      });
    assert.deepEqual(shape(rowsUpTo(log, 2, 60, 'fold')), [[1, 1], [2, 1]]);
  });
});
