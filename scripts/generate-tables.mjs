#!/usr/bin/env node
// Writes what the tables of options and events say into the npm package's types and the documentation:
// the text between `generated: NAME` and `end of NAME`, and the defaults in docs/reference/limits.md.
// The tables are core/jam/option_table.hpp, host-native/cli/option_table.cpp and
// core/jam/event_table.hpp; a built `downbeat describe` prints them.
//
//   scripts/generate-tables.mjs          build the server (native-release) first
//   scripts/generate-tables.mjs --check  only says which files are not as they would be generated
//
// DOWNBEAT_BIN is another build of the server to ask.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const binary = process.env.DOWNBEAT_BIN ?? `${root}build/native-release/bin/downbeat`;
const tables = JSON.parse(execFileSync(binary, ['describe'], { encoding: 'utf8' }));

// Texts of the tables are plain, as the help prints them. Names in them become code here.
const asMarkdown = (text) =>
  text.replaceAll(/(?<![`\w])(--[a-z][a-z-]*[a-z]|[a-z]+:[a-z-]*[a-z]|FILE\.\d)(?![`\w])/g, '`$1`');

const rowOf = (...cells) => `| ${cells.join(' | ')} |`.replaceAll('|  |', '| |');
const table = (header, rows) => [rowOf(...header), rowOf(...header.map(() => '---')), ...rows].join('\n');

const lifted = '; 0 lifts the limit';

function optionsOfReadme() {
  const row = ({ name, value, unit, shownDefault, help, zeroLifts }) => {
    const size = shownDefault && ['ms', 'bytes'].includes(unit) ? ` ${unit}` : '';
    const what = asMarkdown(help) + (zeroLifts ? lifted : '');
    return rowOf(`\`--${name}${value && ' '}${value}\``, shownDefault + size, what);
  };
  return table(['option', 'default', 'what'], tables.arguments.map(row));
}

function optionsOfReference(isWanted) {
  const header = ['option', 'environment', 'file', 'unit', 'range', 'default', 'live', 'what'];
  const row = (one) =>
    rowOf(`\`--${one.name}\``, `\`${one.environment}\``, `\`${one.name}\``, one.unit, one.range,
      one.default, one.live ? 'yes' : 'no', asMarkdown(one.what));
  return table(header, tables.arguments.filter(({ group }) => isWanted(group)).map(row));
}

const ofTab = tables.settings.filter((one) => one.ofTab);
// An option of the command line has another name here.
const asSetting = (text) =>
  text.replaceAll(/--([a-z-]+)/g, (_, name) => `\`${name.replaceAll(/-(.)/g, (__, c) => c.toUpperCase())}\``);

const defaultOf = (one) => `${one.default}${one.unit && ' '}${one.unit}`;

function limitsOfPackage() {
  const row = (one) =>
    rowOf(`\`${one.name}\``, defaultOf(one), asMarkdown(asSetting(one.what)) + (one.zero === 'lifts' ? lifted : ''));
  return table(['limit', 'default', 'what'], ofTab.map(row));
}

function comment(text, indent) {
  const one = `${indent}/** ${text} */`;
  if (one.length <= 100) return one;
  const lines = [`${indent} *`];
  for (const word of text.split(' ')) {
    if (`${lines.at(-1)} ${word}`.length > 100) lines.push(`${indent} *`);
    lines[lines.length - 1] += ` ${word}`;
  }
  return [`${indent}/**`, ...lines, `${indent} */`].join('\n');
}

function limitsOfTypes() {
  const text = (one) =>
    one.ofTab
      ? `${asMarkdown(asSetting(one.what))}. ${defaultOf(one)} by default${one.zero === 'lifts' ? lifted : ''}.`
      : 'For polling clients, of which there are none here.';
  return tables.settings.map((one) => `${comment(text(one), '  ')}\n  ${one.name}?: number;`).join('\n');
}

// What the module does not start with by itself, because traces that do not name it mean something else.
function defaultsOfPackage() {
  const own = tables.settings.filter((one) => one.isOfServers);
  return `const defaults = { ${own.map((one) => `${one.name}: ${one.default}`).join(', ')} };`;
}

// Of the page of limits only the defaults follow; what a client sees past each is written by hand.
function defaultsOfLimits(text) {
  const defaults = new Map(tables.arguments.map((one) => [`--${one.name}`, one.default]));
  return text.replaceAll(/^(\| `[a-z_]+` \| `(--[a-z-]+)` \| )[^|]*( \|)/gm, (all, before, option, after) =>
    defaults.has(option) ? before + defaults.get(option) + after : all);
}

// The order of a session's life; the table has the one that comes most often first.
const [relayed, ...others] = tables.events;
const events = [...others, relayed];
const codes = (names) => names.map((name) => `\`${name}\``).join(', ');

function eventsOfPages() {
  const header = ['client emits', 'payload', 'the caller receives', 'the others in the session receive', 'errors'];
  const row = ({ name, fields, callerGets, othersGet, errors }) =>
    rowOf(`\`${name}\``, codes(fields.map((one) => one.name + (one.optional ? '?' : ''))),
      callerGets && `\`${callerGets}\``, othersGet, codes(errors.split(', ')));
  return table(header, events.map(row));
}

const kinds = {
  label: ['string', '1 to 32 characters; the server trims spaces around them.'],
  roomCode: ['string', 'As a person types it: case, spaces and the hyphen do not matter.'],
  eventType: ['string', '1 to 64 characters.'],
  requestId: ['string', '1 to 64 characters. A request that comes again with the same id does nothing twice.'],
  any: ['unknown', 'Anything that Socket.IO can carry, binary data included.'],
};

/** `UserJoined` of `user-joined`. */
const typeName = (name) => name.replaceAll(/(?:^|-)(.)/g, (_, c) => c.toUpperCase());
const requestName = ({ name }) => `${typeName(name.split(':')[1])}Request`;

function requestsOfTypes() {
  const field = ({ name, kind, optional }) => {
    const [type, words] = kinds[kind];
    return `  /** ${words} */\n  ${name}${optional ? '?' : ''}: ${type};\n`;
  };
  const request = (event) => `export interface ${requestName(event)} {\n${event.fields.map(field).join('')}}`;
  return events.map(request).join('\n\n');
}

function eventsOfTypes() {
  const row = (event) => {
    const [answer] = event.callerGets.split(' ');
    const type = typeName(answer.replace(':', '-'));
    const ack = answer ? `Ack<${type}>` : 'Ack';
    return `  '${event.name}': (payload: ${requestName(event)}, ack?: (reply: ${ack}) => void) => void;`;
  };
  return events.map(row).join('\n');
}

const generated = {
  'README.md': { events: eventsOfPages, options: optionsOfReadme },
  'docs/protocol.md': { events: eventsOfPages },
  'host-wasm/npm/src/events.ts': { requests: requestsOfTypes, events: eventsOfTypes },
  'docs/reference/options.md': {
    listening: () => optionsOfReference((group) => group === 'Listening'),
    sessions: () => optionsOfReference((group) => group === 'Sessions'),
    log: () => optionsOfReference((group) => group === 'Log'),
    time: () => optionsOfReference((group) => group === 'Time'),
    limits: () => optionsOfReference((group) => group.startsWith('Limits')),
  },
  'docs/reference/limits.md': {},
  'host-wasm/npm/README.md': { limits: limitsOfPackage },
  'host-wasm/npm/src/options.ts': { limits: limitsOfTypes, defaults: defaultsOfPackage },
};

// In Markdown the marks are comments with empty lines around what is generated.
function replace(path, text, name, content) {
  const isMarkdown = path.endsWith('.md');
  const mark = (words) => (isMarkdown ? `<!-- ${words} ${name} -->` : `// ${words} ${name}`);
  const at = text.indexOf(mark('generated:'));
  const end = text.indexOf(mark('end of'));
  if (at < 0 || end < at) throw new Error(`${path} has no place for ${name}`);
  const gap = isMarkdown ? '\n\n' : '\n';
  const indent = text.slice(text.lastIndexOf('\n', end) + 1, end);
  return text.slice(0, at) + mark('generated:') + gap + content + gap + indent + text.slice(end);
}

let isCurrent = true;
for (const [path, parts] of Object.entries(generated)) {
  const before = readFileSync(root + path, 'utf8');
  let after = before;
  for (const [name, write] of Object.entries(parts)) after = replace(path, after, name, write());
  if (path === 'docs/reference/limits.md') after = defaultsOfLimits(after);
  if (after === before) continue;
  isCurrent = false;
  if (process.argv.includes('--check')) console.log(`${path} is not what scripts/generate-tables.mjs writes`);
  else writeFileSync(root + path, after);
}
if (process.argv.includes('--check') && !isCurrent) process.exitCode = 1;
