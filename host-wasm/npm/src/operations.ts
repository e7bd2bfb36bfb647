// Operators' requests to the server, and its answers; the native server has the same ones.

import type { Participant } from './events.js';

/** A page of a list. */
interface Paged {
  /** Items of a page, 1 to 1,000; 100 by default. */
  limit?: number;
  /** The `next` of the page before; left out for the first one. */
  after?: string;
}

export type Query =
  | ({ query: 'sessions' } & Paged)
  | ({ query: 'participants'; roomCode: string } & Paged)
  | ({ query: 'connections' } & Paged);

export type Command =
  | { command: 'close_session'; roomCode: string }
  | { command: 'disconnect_participant'; participantId: string };

export interface SessionItem {
  roomCode: string;
  hostId: string;
  /** The number of participants. */
  participants: number;
}

export interface ParticipantItem extends Participant {
  /** In the order of joining, from 1 on. */
  place: number;
}

export interface ConnectionItem {
  connection: number;
  transport?: number;
  carriedBy: 'websocket' | 'polling';
  state: 'open' | 'closing' | 'lingering';
  [more: string]: unknown;
}

export type Failure = {
  ok: false;
  error: { message: string; code: 'invalid_request' | 'not_found' };
};

/** A page; `next` is missing from the last one. */
export type Page<Item> = { ok: true; items: Item[]; next?: string } | Failure;

export type Outcome = { ok: true; disconnected: number } | Failure;
