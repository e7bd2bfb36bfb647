export type { Build } from './build.js';
export type { Server, Snapshot } from './server.js';
export type {
  Append,
  AppendResult,
  Evolve,
  Journal,
  JournalErrorCode,
  OpenJournal,
} from './journal.js';
export { JournalError } from './journal.js';
export { indexedDBJournal } from './indexed-db-journal.js';
export type { IndexedDBJournalOptions } from './indexed-db-journal.js';
export { memoryJournal } from './memory-journal.js';
export type {
  MemoryJournal,
  MemoryJournalFault,
  MemoryJournalOptions,
} from './memory-journal.js';
export type { Link, LinkConditions } from './link.js';
export type { Limits, LinkOptions, ServerOptions } from './options.js';
export type {
  Command,
  ConnectionItem,
  Failure,
  Outcome,
  Page,
  ParticipantItem,
  Query,
  SessionItem,
} from './operations.js';
export type { Replay } from './replay.js';
export type { TransportClass } from './transport-class.js';
export type { WasmSource } from './wasm-source.js';
export type * from './events.js';
