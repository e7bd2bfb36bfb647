// A jam that was kept: who was there, and their notes. It has no ids, codes or tokens.

export interface KeptMember {
  name: string;
  instrument: string;
}

export interface KeptNote {
  /** An index of `members`. */
  member: number;
  atMs: number;
  lengthMs: number;
  pitch: number;
  /** From 0 to 1. */
  velocity: number;
}

export interface KeptJam {
  members: KeptMember[];
  /** In the order of their beginnings, the first one near 0. */
  notes: KeptNote[];
}

/** The file's format: columns of whole numbers, since these get small when they are compressed. */
interface File {
  format: typeof format;
  version: typeof version;
  /** The unit of `after` and `length`. */
  tickMs: number;
  members: [name: string, instrument: string][];
  /** From the note before, or from the beginning. */
  after: number[];
  length: number[];
  pitch: number[];
  member: number[];
  /** In hundredths. */
  velocity: number[];
}

const format = 'downbeat jam';
const version = 1;

/** What a file may have in it: who opens one does not know who has made it. */
export const limits = {
  letters: 4 * 2 ** 20,
  members: 200,
  nameLetters: 200,
  notes: 100_000,
  lengthMs: 24 * 3600 * 1000,
} as const;

/** When the last note ends. */
export function lengthOf({ notes }: KeptJam): number {
  return notes.reduce((end, { atMs, lengthMs }) => Math.max(end, atMs + lengthMs), 0);
}

/** Who was there, in so many words as there is room for. */
export function namesOf({ members }: KeptJam): string {
  const names = [...new Set(members.map(({ name }) => name))];
  if (names.length <= 3) return names.join(', ');
  return `${names.slice(0, 2).join(', ')} and ${names.length - 2} others`;
}

/** The text of a file. A longer tick makes it smaller, and the music coarser. */
export function writeJam({ members, notes }: KeptJam, tickMs = 1): string {
  const ticks = (ms: number) => Math.round(ms / tickMs);
  const file: File = {
    format,
    version,
    tickMs,
    members: members.map(({ name, instrument }) => [name, instrument]),
    after: notes.map(({ atMs }, at) => ticks(atMs) - ticks(notes[at - 1]?.atMs ?? 0)),
    length: notes.map(({ lengthMs }) => ticks(lengthMs)),
    pitch: notes.map(({ pitch }) => pitch),
    member: notes.map(({ member }) => member),
    velocity: notes.map(({ velocity }) => Math.round(velocity * 100)),
  };
  return JSON.stringify(file);
}

/** Reads a file of anybody; throws an error with one sentence that says what is wrong with it. */
export function readJam(text: string): KeptJam {
  if (text.length > limits.letters) throw new Error('This file is too large for a kept jam.');
  const file = parse(text);
  if (file?.format !== format) throw new Error('This is not a kept jam.');
  if (file.version !== version)
    throw new Error('This jam was kept by another version of the page, which this one cannot read.');
  const { members, tickMs, after, length, pitch, member, velocity } = file;
  refuseMoreThan(limits.members, members, 'members');
  refuseMoreThan(limits.notes, after, 'notes');
  const isMember = (each: unknown): each is File['members'][number] =>
    Array.isArray(each) && each.length === 2 && each.every(isName);
  if (!isList(members, limits.members) || !members.every(isMember)) throw damaged('members');
  if (!isWhole(tickMs, 1000) || tickMs === 0) throw damaged('tickMs');
  const column = (name: string, values: unknown, most: number) => {
    if (!isList(values, limits.notes) || !values.every((each) => isWhole(each, most)))
      throw damaged(name);
    return values as number[];
  };
  const longest = Math.floor(limits.lengthMs / tickMs);
  const afters = column('after', after, longest);
  const columns = [
    column('length', length, longest),
    column('pitch', pitch, 127),
    column('member', member, members.length - 1),
    column('velocity', velocity, 100),
  ] as const;
  if (columns.some((each) => each.length !== afters.length)) throw damaged('number of notes');
  const [lengths, pitches, players, velocities] = columns;
  let ticks = 0;
  const notes = afters.map((each, at) => {
    ticks += each;
    if (ticks > longest) throw damaged('after');
    return {
      member: players[at]!,
      atMs: ticks * tickMs,
      lengthMs: lengths[at]! * tickMs,
      pitch: pitches[at]!,
      velocity: velocities[at]! / 100,
    };
  });
  return { members: members.map(([name, instrument]) => ({ name, instrument })), notes };
}

/** The notes from this one on, beginning at 0, and only those members who play them. */
export function tailOf({ members, notes }: KeptJam, from: number): KeptJam {
  const kept = notes.slice(from);
  const begin = kept[0]?.atMs ?? 0;
  const players = [...new Set(kept.map(({ member }) => member))].sort((a, b) => a - b);
  return {
    members: players.map((member) => members[member]!),
    notes: kept.map((note) => ({
      ...note,
      member: players.indexOf(note.member),
      atMs: note.atMs - begin,
    })),
  };
}

/** The end of a jam, if it is more than a file may have. */
export function withinLimits(jam: KeptJam): KeptJam {
  const { notes } = jam;
  const begin = (notes.at(-1)?.atMs ?? 0) - limits.lengthMs / 2;
  const recent = notes.findIndex(({ atMs }) => atMs >= begin);
  const from = Math.max(recent, notes.length - limits.notes);
  let kept = from > 0 ? tailOf(jam, from) : jam;
  if (kept.members.length > limits.members) kept = tailOf(kept, 0);
  while (kept.members.length > limits.members)
    kept = tailOf(kept, Math.ceil(kept.notes.length / 2));
  return kept;
}

function parse(text: string): Partial<Record<keyof File, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function damaged(what: string): Error {
  return new Error(`This kept jam is damaged: its ${what} cannot be right.`);
}

function refuseMoreThan(most: number, value: unknown, what: string): void {
  if (!Array.isArray(value) || value.length <= most) return;
  throw new Error(`This kept jam has ${value.length} ${what}, and the page plays ${most} at most.`);
}

function isList(value: unknown, most: number): value is unknown[] {
  return Array.isArray(value) && value.length <= most;
}

function isWhole(value: unknown, most: number): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= most;
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value.length <= limits.nameLetters;
}
