// docs/reference/, the runbook, the alert rules and the Grafana board say what the program does.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';
import { before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

import { connect, ways } from './support/client.mjs';
import { codesOf, read, rowsOf } from './support/documents.mjs';
import { eventually } from './support/patience.mjs';
import { httpRequest, RawPeer } from './support/raw.mjs';
import { Redis } from './support/redis.mjs';
import { run, Server } from './support/server.mjs';

const [, overWebSocket] = ways;
const root = fileURLToPath(new URL('../../', import.meta.url));

/** Each option of the help: its name, the word for its value, and its default. */
async function optionsOfHelp() {
  const { stdout } = await run('serve', '--help');
  const lines = stdout.matchAll(/^ {2}(--[a-z-]+)(?: ([A-Z]+)(?:=(\S+))?)?/gm);
  const elsewhere = new Set(['--version', '--config', '--help']);
  return [...lines]
    .map(([, name, type, standard]) => ({ name, type, standard }))
    .filter(({ name }) => !elsewhere.has(name));
}

const optionColumns = ['option', 'environment', 'file', 'unit', 'range', 'default', 'live', 'what'];
const optionRows = rowsOf('docs/reference/options.md', optionColumns).map((row) => ({
  ...row,
  name: codesOf(row.option)[0],
}));
const isNumber = ({ range }) => /^\d+ to \d+$/.test(range);

describe('docs/reference/options.md', () => {
  it('Lists every option of the help in its order, with its names, unit and default', async () => {
    const ofHelp = await optionsOfHelp();
    assert.deepEqual(
      optionRows.map(({ name }) => name),
      ofHelp.map(({ name }) => name),
    );
    for (const [i, { name, type, standard }] of ofHelp.entries()) {
      const row = optionRows[i];
      const key = name.slice(2);
      assert.equal(row.file, `\`${key}\``);
      assert.equal(row.environment, `\`DOWNBEAT_${key.toUpperCase().replaceAll('-', '_')}\``);
      const units = { MS: 'ms', BYTES: 'bytes', SECONDS: 'seconds' };
      if (units[type]) assert.equal(row.unit, units[type], name);
      // Options without a default in the help describe in words what happens without them.
      if (standard !== undefined) assert.equal(row.default, standard, name);
    }
  });

  it('Gives the range that the program insists on', async () => {
    for (const { name, range } of optionRows.filter(isNumber)) {
      const { code, stderr } = await run('serve', name, '99999999999');
      assert.equal(code, 2);
      const [, least, most] = stderr.match(/at least (\d+) and at most (\d+)/) ?? [];
      assert.equal(range, `${least} to ${most}`, name);
    }
    const { stderr } = await run('serve', '--log-level', 'loud');
    const { range } = optionRows.find(({ name }) => name === '--log-level');
    assert.ok(stderr.includes(`must be one of ${range},`), stderr);
  });

  it('Says which options SIGHUP takes over', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'downbeat-'));
    const file = join(folder, 'downbeat.conf');
    const start = 'host = 127.0.0.1\nport = 0\n';
    writeFileSync(file, start);
    const unset = { DOWNBEAT_THREADS: '', DOWNBEAT_TLS_CERTIFICATE: '', DOWNBEAT_TLS_KEY: '' };
    const server = await Server.startIn(unset, 'serve', '--config', file);
    const others = {
      '--host': 'localhost',
      '--path': '/other/',
      '--web-root': folder,
      '--content-security-policy': 'none',
      '--tls-certificate': file,
      '--tls-key': file,
      '--cors-origin': 'https://jam.example',
      '--trusted-proxy': '10.0.0.0/8',
      '--log-level': 'debug',
      '--log-format': 'json',
      '--record': join(folder, 'trace'),
      '--data': `${folder}-data`,
      '--durability': 'power',
      '--redis': 'rediss://localhost',
      '--redis-ca': file,
    };
    const reload = async (values) => {
      const changed = Object.keys(values).map((name) => name.slice(2));
      const lines = changed.map((key) => `${key} = ${values[`--${key}`]}\n`);
      const kept = start.split('\n').filter((line) => !changed.includes(line.split(' ')[0]));
      const { length } = server.log;
      const reloads = server.lines('limits reloaded').length;
      writeFileSync(file, `${kept.join('\n')}\n${lines.join('')}`);
      process.kill(server.pid, 'SIGHUP');
      await eventually(
        () => server.lines('limits reloaded').length > reloads,
        () => 'limits reloaded',
      );
      return server.log.slice(length);
    };
    try {
      // Some exclude each other.
      const alone = ['--no-limits', '--threads', '--redis', '--redis-ca', '--redis-lease', '--node'];
      const values = {};
      for (const row of optionRows) {
        if (alone.includes(row.name)) continue;
        values[row.name] = isNumber(row) ? Number(row.default) + 1 : others[row.name];
        assert.notEqual(values[row.name], undefined, `no other value for ${row.name}`);
      }
      const logs = [
        await reload(values),
        await reload({ '--no-limits': 'true' }),
        await reload({ '--threads': 2 }),
        await reload({ '--redis': others['--redis'], '--redis-ca': file, '--redis-lease': 7000, '--node': 'b' }),
      ];
      for (const { name, live } of optionRows) {
        const key = name.slice(2);
        const isTaken = logs.some((log) => log.includes(`limit changed option=${key} `));
        const isRefused = logs.some((log) => log.includes(`option not changed option=${key} `));
        // --max-payload grows in the first reload, and cannot shrink again in the others.
        if (name !== '--max-payload') assert.equal(isTaken, !isRefused, name);
        assert.equal(live, isTaken ? 'yes' : 'no', name);
      }
    } finally {
      await server.stop();
      rmSync(folder, { recursive: true });
    }
  });
});

/** The types of all metrics in an answer of /metrics by name, and the labels of downbeat_limited_total. */
async function scrape(server) {
  const { body } = await httpRequest(`${server.url}/metrics`);
  const types = new Map([...body.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => [name, type]));
  const limits = [...body.matchAll(/^downbeat_limited_total\{limit="(\w+)"\}/gm)].map(([, name]) => name);
  return { types, limits };
}

describe('Metrics', () => {
  let alone;
  let several;
  let journaled;
  let inRedis;
  let all;
  before(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'downbeat-'));
    const address = ['serve', '--host', '127.0.0.1', '--port', '0'];
    const journal = ['--data', folder, '--reconnect-grace', '120'];
    const redis = await Redis.start();
    const servers = await Promise.all([
      Server.startIn({ DOWNBEAT_THREADS: '1' }, ...address),
      Server.startIn({ DOWNBEAT_THREADS: '2' }, ...address),
      Server.startIn({ DOWNBEAT_THREADS: '1' }, ...address, ...journal),
      Server.startIn({ DOWNBEAT_THREADS: '1' }, ...address, '--redis', redis.url),
    ]);
    [alone, several, journaled, inRedis] = await Promise.all(servers.map(scrape));
    await Promise.all(servers.map((server) => server.stop()));
    await redis.close();
    rmSync(folder, { recursive: true });
    all = new Map([...several.types, ...journaled.types, ...inRedis.types]);
  });

  it('docs/reference/metrics.md lists all that /metrics has, with their types, and no other', () => {
    const rows = rowsOf('docs/reference/metrics.md', ['metric', 'type', 'unit', 'meaning']);
    const onlyForSeveral = 'Only with several event loops';
    const onlyWithJournal = 'Only with a journal';
    const onlyInFile = 'Only with `--data`';
    const onlyInRedis = 'Only with `--redis`';
    const ofJournals = [onlyWithJournal, onlyInFile, onlyInRedis];
    const but = (...sections) => rows.filter(({ section }) => !sections.includes(section));
    const listed = (of) => new Map(of.map(({ metric, type }) => [codesOf(metric)[0], type]));
    const sorted = (types) => [...types].sort();
    assert.equal(listed(rows).size, rows.length, 'a metric is listed twice');
    assert.deepEqual(sorted(listed(but(...ofJournals))), sorted(several.types));
    assert.deepEqual(sorted(listed(but(onlyForSeveral, onlyInRedis))), sorted(journaled.types));
    assert.deepEqual(sorted(listed(but(onlyForSeveral, onlyInFile))), sorted(inRedis.types));
    assert.deepEqual(sorted(listed(but(onlyForSeveral, ...ofJournals))), sorted(alone.types));
    for (const row of rows) assert.ok(row.unit && row.meaning, row.metric);
  });

  it('docs/reference/limits.md lists every label of downbeat_limited_total, with its option and default', () => {
    const columns = ['limit', 'option', 'default', 'what it bounds', 'past it the client sees'];
    const rows = rowsOf('docs/reference/limits.md', columns);
    assert.deepEqual(rows.map(({ limit }) => codesOf(limit)[0]).sort(), [...alone.limits].sort());
    const options = new Map(optionRows.map((row) => [row.name, row]));
    const named = new Set();
    for (const row of rows) {
      const [option] = codesOf(row.option);
      if (option === undefined) continue;
      named.add(option);
      assert.equal(row.default, options.get(option)?.default, `the default of ${option}`);
    }
    // Every limit that can be set bounds something that is counted.
    const ofLimits = optionRows.filter(({ section, name }) => section === 'Limits' && name !== '--no-limits');
    assert.deepEqual(ofLimits.filter(({ name }) => !named.has(name)), []);
  });

  const users = ['docs/runbook.md', 'docs/reference/limits.md', 'docs/reference/log-events.md',
    'docs/reference/options.md', 'deploy/prometheus/alerts.yml', 'deploy/grafana/downbeat.json'];
  for (const path of users) {
    it(`${path} names only metrics and limits that there are`, () => {
      const text = read(path);
      for (const [name] of text.matchAll(/\b(?:downbeat|process)_[a-z_]+\b/g)) {
        assert.ok(all.has(name), `${path} names ${name}`);
      }
      for (const [, labels] of text.matchAll(/limit=~?\\?"([a-z_|]+)/g)) {
        for (const label of labels.split('|')) {
          assert.ok(several.limits.includes(label), `${path} names the limit ${label}`);
        }
      }
      for (const [name] of text.matchAll(/--max-[a-z-]*[a-z]\b(?!-)/g)) {
        assert.ok(optionRows.some((row) => row.name === name), `${path} names ${name}`);
      }
    });
  }

  it('The board shows every metric of the server', () => {
    const board = JSON.parse(read('deploy/grafana/downbeat.json'));
    const shown = board.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)).join('\n');
    // These give details of other metrics on the board, or never change.
    const left = ['downbeat_websockets', 'downbeat_sockets', 'downbeat_rooms',
      'downbeat_notices_left_out_total', 'downbeat_connections_remembered'];
    const missing = [...all.keys()].filter((name) => !new RegExp(`\\b${name}\\b`).test(shown));
    assert.deepEqual(missing.sort(), left.sort());
  });

  it('The runbook has a section for each alert, and no other', () => {
    const alerts = [...read('deploy/prometheus/alerts.yml').matchAll(/- alert: (\w+)/g)].map(([, name]) => name);
    const sections = [...read('docs/runbook.md').matchAll(/^### (Downbeat\w+)$/gm)].map(([, name]) => name);
    assert.ok(alerts.length > 0);
    assert.deepEqual(sections, alerts);
  });
});

// The log.

const logRows = rowsOf('docs/reference/log-events.md', ['event', 'level', 'fields', 'when']).map((row) => ({
  event: codesOf(row.event)[0],
  level: row.level,
  fields: codesOf(row.fields),
}));
const levels = ['debug', 'info', 'warn', 'error'];

function sources(folder) {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: false })
    .filter((name) => name.endsWith('.cpp'))
    .map((name) => readFileSync(join(root, folder, name), 'utf8'))
    .join('\n');
}

/** A client's seat is taken over, kept, taken again, and kept until it ends. */
async function playWithASeat(server, carol, clients) {
  await carol.request('session:create', { name: 'Carol' });
  const come = async () => {
    clients.push(await connect(server.url, overWebSocket, { reconnection: false, auth: { pid: carol.socket._pid } }));
    return clients.at(-1);
  };
  const second = await come();
  await server.logged('seat taken over');
  second.socket.io.engine.close();
  await server.logged('participant away');
  const third = await come();
  await server.logged('participant back');
  third.socket.io.engine.close();
  await server.logged('seat ended');
}

describe('docs/reference/log-events.md', () => {
  it('Lists every event that the sources log', () => {
    const core = sources('core');
    const host = sources('host-native');
    const found = new Map();
    for (const [, kind, words] of core.matchAll(/case notice::kind::(\w+):\s*return "([^"]+)";/g)) {
      assert.equal(kind.replaceAll('_', ' '), words);
      found.set(words, undefined);
    }
    const writes = host.matchAll(
      /(?:\bwrite|\bline_of)\(\s*log_level::(\w+),\s*"([^"]+)"|json_line\(utc_now\(\), name_of\(log_level::(\w+)\),\s*"([^"]+)"/g,
    );
    for (const [, level, event, otherLevel, otherEvent] of writes) {
      found.set(event ?? otherEvent, level ?? otherLevel);
    }
    assert.ok(host.includes('" lines of the log were dropped"'));
    found.set('… lines of the log were dropped', 'warn');
    assert.deepEqual(logRows.map(({ event }) => event).sort(), [...found.keys()].sort());
    for (const { event, level } of logRows) {
      assert.ok(levels.includes(level), event);
      if (found.get(event)) assert.equal(level, found.get(event), event);
    }
  });

  it('Names every field that an event of the server itself has', () => {
    const host = sources('host-native');
    for (const { event, fields } of logRows) {
      const at = host.indexOf(`"${event}"`);
      if (at < 0) continue;
      const call = host.slice(at, host.indexOf(';', at));
      for (const [, name] of call.matchAll(/\{"([a-z]+)",/g)) assert.ok(fields.includes(name), `${event}: ${name}`);
    }
  });

  let server;
  let lines;
  before(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'downbeat-'));
    const file = join(folder, 'downbeat.conf');
    writeFileSync(file, '');
    const clients = [];
    try {
      server = await Server.startIn({ DOWNBEAT_TYPO: '1', DOWNBEAT_THREADS: '' }, 'serve', '--host', '127.0.0.1',
        '--port', '0', '--config', file, '--log-format', 'json', '--log-level', 'debug',
        '--reconnect-grace', '5', '--record', join(folder, 'trace'));
      for (const name of ['Alice', 'Bob', 'Carol']) {
        void name;
        clients.push(await connect(server.url, overWebSocket, { reconnection: false }));
      }
      const [alice, bob, carol] = clients;
      const { roomCode } = await alice.request('session:create', { name: 'Alice' });
      await bob.request('session:join', { roomCode, name: 'Bob' });
      await bob.request('session:update', { name: 'Bobby' });
      await carol.request('session:join', { roomCode: 'INVALID-99', name: 'Carol' });
      await carol.request('session:create', {});
      await alice.request('session:leave', { roomCode });
      await bob.request('session:leave', { roomCode });
      await playWithASeat(server, carol, clients);
      const peer = await RawPeer.join(server.url, 'websocket');
      peer.send('4?');
      await peer.expectClosed();
      await httpRequest(`${server.url}/socket.io/?EIO=4&transport=polling`, {
        headers: { Origin: 'https://elsewhere.example' },
      });
      writeFileSync(file, 'max-participants = 4\nping-timeout = 1000\n');
      process.kill(server.pid, 'SIGHUP');
      await server.logged('limits reloaded');
      writeFileSync(file, 'max-participants = four\n');
      process.kill(server.pid, 'SIGHUP');
      await server.logged('limits not reloaded');
    } finally {
      clients.forEach((client) => client.close());
      await server?.stop();
      rmSync(folder, { recursive: true });
    }
    lines = server.log.split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
  });

  it('Has the level and the fields of the lines that a server writes', () => {
    const rows = new Map(logRows.map((row) => [row.event, row]));
    for (const { time, level, event, ...fields } of lines) {
      assert.ok(time && rows.has(event), event);
      assert.equal(level, rows.get(event).level, event);
      for (const name of Object.keys(fields)) {
        assert.ok(rows.get(event).fields.includes(name), `${event}: ${name}`);
      }
    }
    // The core's events have no fields in the sources to compare with; those that were played have
    // all that the page says.
    const played = new Set(lines.map(({ event }) => event));
    const ofClients = rowsOf('docs/reference/log-events.md', ['event', 'level', 'fields', 'when'])
      .filter(({ section }) => section === 'Clients and sessions')
      .map(({ event }) => codesOf(event)[0]);
    assert.deepEqual(ofClients.filter((event) => !played.has(event)), ['slow reader dropped']);
    for (const event of ofClients.filter((one) => played.has(one))) {
      const line = lines.find((one) => one.event === event);
      for (const name of rows.get(event).fields) assert.ok(name in line, `${event}: ${name}`);
    }
  });

  it('Lists the reasons of protocol errors that the sources have', () => {
    const core = sources('core/socketio') + sources('core/engineio') + read('core/socketio/packet.hpp');
    const reasons = rowsOf('docs/reference/log-events.md', ['reason', 'what happened']).map(({ reason }) => codesOf(reason)[0]);
    for (const reason of reasons) assert.ok(core.includes(`"${reason}"`), reason);
    const rejected = [...core.matchAll(/\breject\([^;]*?"([^"]+)"\)|parse_error\{"([^"]+)"\}/g)].map(([, a, b]) => a ?? b);
    assert.ok(rejected.length > 10);
    for (const reason of rejected) assert.ok(reasons.includes(reason), reason);
  });
});

describe('Links', () => {
  const pages = ['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md', 'deploy/README.md',
    'tests/e2e/README.md', 'tests/golden/README.md',
    ...readdirSync(join(root, 'docs'), { recursive: true })
      .filter((name) => name.endsWith('.md'))
      .map((name) => `docs/${name}`)];
  const anchorsOf = (path) =>
    new Set([...read(path).matchAll(/^#+ (.*)$/gm)].map(([, title]) =>
      title.toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, '').replaceAll(' ', '-')));

  for (const page of pages) {
    it(`${page} links only to what there is`, () => {
      const text = read(page).replaceAll(/```[^]*?```/g, '');
      for (const [, target] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
        if (/^https?:/.test(target)) continue;
        const [file, anchor] = target.split('#');
        const path = file ? posix.join(posix.dirname(page), file) : page;
        assert.ok(existsSync(join(root, path)), `${page} links to ${target}`);
        if (anchor) assert.ok(anchorsOf(path).has(anchor), `${page} links to ${target}`);
      }
    });
  }
});
