// `--record` of servers that keep their sessions: what was restored is in the recording, too.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe } from 'node:test';

import { ways } from './support/client.mjs';
import { filesOf } from './support/recording.mjs';
import { back } from './support/seats.mjs';
import { run } from './support/server.mjs';
import { restarts } from './support/venue.mjs';

const names = ['Aloysia', 'Balthasar', 'Clementine', 'Desdemona'];

/** The hash of a secret as a journal may write it. */
function hashesOf(secret) {
  const hash = createHash('sha256').update(secret).digest();
  return [hash.toString('hex'), hash.toString('base64url'), hash.toString('base64').replaceAll('=', '')];
}

describe('A recording of servers that end and go on', () => {
  for (const threads of [1, 2]) {
    const options = ['--threads', String(threads)];
    restarts(`replays to the byte, with --threads ${threads}`, options, async ({ venue, open }) => {
      const record = async (part, end) => {
        const file = join(venue.base, `${part}.trace`);
        await venue.server[end]();
        await venue.start('--record', file);
        return filesOf(file, threads);
      };
      const files = await record('first', 'stop');
      const members = names.map((_, i) => open(ways[i % ways.length], { auth: { resume: true } }));
      const tokens = [];
      const rooms = [];
      for (const [i, member] of members.entries()) {
        await member.until('connect');
        const roomCode = rooms[i - 2];
        member.emit(roomCode ? 'session:join' : 'session:create', { name: names[i], roomCode });
        const answer = await member.until(roomCode ? 'session:joined' : 'session:created');
        tokens.push(answer.resumeToken);
        rooms.push(answer.roomCode);
      }
      for (const [part, end] of [['second', 'kill'], ['third', 'stop']]) {
        const ids = members.map(({ id }) => id);
        files.push(...(await record(part, end)));
        await Promise.all(members.map(back));
        assert.deepEqual(members.map(({ id }) => id), ids);
        for (const member of members) {
          assert.equal((await member.request('session:event', { type: 'note', data: 'Aloysia' })).ok, true);
          await member.request('session:update', { instrument: `Balthasar's ${part}` });
        }
        await members[3].request('session:join', { roomCode: rooms[part === 'second' ? 0 : 1], name: names[3] });
        await members[3].until('session:joined');
        for (const member of members) await member.caughtUp();
      }
      const pids = members.map(({ socket }) => socket._pid);
      const ids = members.map(({ id }) => id);
      members.forEach((member) => member.close());
      await venue.server.stop();

      const texts = [];
      for (const file of files) {
        // A process that was killed has not written the end of its last line.
        const text = await readFile(file, 'utf8');
        texts.push(text);
        if (text.endsWith('\n')) {
          const { code, stdout } = await run('replay', file);
          assert.equal(code, 0, `${file}: ${stdout}`);
          assert.match(stdout, /all equal; digest/);
        }
        const { code, stdout: redacted, stderr } = await run('redact', file);
        assert.equal(code, 0, `${file}: ${stderr}`);
        for (const [what, secrets] of Object.entries({
          name: [...names, "Balthasar's"],
          pid: [...pids, ...pids.flatMap(hashesOf)],
          token: [...tokens, ...tokens.flatMap(hashesOf)],
          id: ids,
        })) {
          for (const secret of secrets) assert.ok(!redacted.includes(secret), `${file} has the ${what} ${secret}`);
        }
        const copy = `${file}.redacted`;
        await writeFile(copy, redacted);
        const again = await run('replay', copy);
        assert.equal(again.code, 0, `${copy}: ${again.stdout}`);
      }
      const all = texts.join('');
      for (const secret of [...names, ...pids, ...tokens, ...ids]) {
        assert.ok(all.includes(secret), `${secret} was recorded`);
      }
      assert.match(all, /^\d+ > room-restored /m);
    });
  }
});
