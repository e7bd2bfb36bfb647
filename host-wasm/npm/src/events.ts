// The events of a jam session, for the stock client:
//
//     const socket: Socket<ServerToClientEvents, ClientToServerEvents> = io(…);

/** A member of a session. */
export interface Participant {
  /** The id of the member's socket. */
  id: string;
  name: string;
  /** `"unknown"` if the member gave none. */
  instrument: string;
  /**
   * The name of the node that the member is connected to, if the server has several. Members who
   * are away have none, and so has everybody in the server of this package.
   */
  node?: string;
}

/** A member whose connection is lost, and whose seat is kept for so long. */
export interface AwayParticipant extends Participant {
  graceMs: number;
}

/** Why something failed, for a program. */
export type ErrorCode =
  | 'invalid_payload'
  | 'session_not_found'
  | 'session_full'
  | 'not_in_session'
  | 'rate_limited'
  | 'server_full'
  | 'try_again'
  | 'shutting_down';

/** Payload of the event `error`. */
export interface ErrorPayload {
  /** Why, for a person. */
  message: string;
  code: ErrorCode;
  /** The event that failed. */
  event: keyof ClientToServerEvents;
}

/** The answer of an acknowledgement: the payload of the success, or the error. */
export type Ack<Success extends object = {}> =
  ({ ok: true } & Success) | { ok: false; error: { message: string; code: ErrorCode } };

// generated: requests
export interface CreateRequest {
  /** 1 to 32 characters; the server trims spaces around them. */
  name: string;
  /** 1 to 32 characters; the server trims spaces around them. */
  instrument?: string;
  /** 1 to 64 characters. A request that comes again with the same id does nothing twice. */
  requestId?: string;
}

export interface JoinRequest {
  /** As a person types it: case, spaces and the hyphen do not matter. */
  roomCode: string;
  /** 1 to 32 characters; the server trims spaces around them. */
  name: string;
  /** 1 to 32 characters; the server trims spaces around them. */
  instrument?: string;
  /** 1 to 64 characters. A request that comes again with the same id does nothing twice. */
  requestId?: string;
}

export interface LeaveRequest {
  /** As a person types it: case, spaces and the hyphen do not matter. */
  roomCode: string;
  /** 1 to 64 characters. A request that comes again with the same id does nothing twice. */
  requestId?: string;
}

export interface UpdateRequest {
  /** 1 to 32 characters; the server trims spaces around them. */
  name?: string;
  /** 1 to 32 characters; the server trims spaces around them. */
  instrument?: string;
  /** 1 to 64 characters. A request that comes again with the same id does nothing twice. */
  requestId?: string;
}

export interface EventRequest {
  /** 1 to 64 characters. */
  type: string;
  /** Anything that Socket.IO can carry, binary data included. */
  data?: unknown;
}
// end of requests

export interface SessionCreated {
  roomCode: string;
  userId: string;
  /** A secret that brings this seat back after a reload, for clients with `auth: {resume: true}`. */
  resumeToken?: string;
}

export interface SessionJoined {
  roomCode: string;
  /** Those who are present, in the order of joining; one who has just joined is the last. */
  participants: Participant[];
  userId: string;
  hostId: string;
  /** The host is only acting; see {@link HostChanged.acting}. */
  hostActing?: true;
  /** Those who are away, if there are any. */
  away?: AwayParticipant[];
  /** The member was away, or connected elsewhere, and has its seat again. */
  resumed?: true;
  /** See {@link SessionCreated.resumeToken}. */
  resumeToken?: string;
  /** How many events follow that were sent meanwhile, for clients with `auth: {recovery: true}`. */
  missed?: number;
  /** Whether these are all. */
  complete?: boolean;
}

export interface UserJoined {
  user: Participant;
  /** The member was away. */
  back?: true;
  /** Of a member who is back: the one before in the list of those present. */
  after?: string | null;
}

export interface UserLeft {
  userId: string;
  /** The connection is lost, and the seat is kept. */
  away?: true;
  graceMs?: number;
}

/** The seat of a member who was away has ended. */
export interface UserGone {
  userId: string;
  reason: 'expired' | 'kicked' | 'seat_taken' | 'moved';
}

export interface HostChanged {
  hostId: string;
  /** Until a member returns who has been there longer. */
  acting?: true;
}

/** The client's seat has ended, or another connection has it. */
export interface SessionEnded {
  roomCode?: string;
  reason: 'expired' | 'kicked' | 'taken_over' | 'seat_taken' | 'moved' | 'unknown';
}

export interface SessionEvent {
  userId: string;
  type: string;
  data?: unknown;
}

/**
 * The server is about to stop. Sessions may go on until then, and no new ones can be created.
 * Only the native server gives notice; `close()` ends one in the tab at once.
 */
export interface ServerClosing {
  /** Why, for a person. */
  reason: string;
  /** Milliseconds until all connections are closed, at the latest. */
  withinMs: number;
  /** The next server has the sessions: connect again, and your seat is yours. Only with a journal. */
  resumes?: true;
}

/** Events that the server emits. */
export interface ServerToClientEvents {
  'session:created': (payload: SessionCreated) => void;
  'session:joined': (payload: SessionJoined) => void;
  'session:user-joined': (payload: UserJoined) => void;
  'session:user-left': (payload: UserLeft) => void;
  'session:user-gone': (payload: UserGone) => void;
  'session:user-updated': (payload: { user: Participant }) => void;
  'session:host-changed': (payload: HostChanged) => void;
  'session:ended': (payload: SessionEnded) => void;
  'session:event': (payload: SessionEvent) => void;
  'server:closing': (payload: ServerClosing) => void;
  error: (payload: ErrorPayload) => void;
}

/** Events that a client emits, with an acknowledgement or without. */
export interface ClientToServerEvents {
  // generated: events
  'session:create': (payload: CreateRequest, ack?: (reply: Ack<SessionCreated>) => void) => void;
  'session:join': (payload: JoinRequest, ack?: (reply: Ack<SessionJoined>) => void) => void;
  'session:leave': (payload: LeaveRequest, ack?: (reply: Ack) => void) => void;
  'session:update': (payload: UpdateRequest, ack?: (reply: Ack) => void) => void;
  'session:event': (payload: EventRequest, ack?: (reply: Ack) => void) => void;
  // end of events
}

/**
 * The same events, each with a required acknowledgement. `emitWithAck` and `timeout` need these
 * for their types, because the client's types cannot express an optional acknowledgement.
 */
export type AcknowledgedEvents = {
  [Event in keyof ClientToServerEvents]: (
    ...args: Required<Parameters<ClientToServerEvents[Event]>>
  ) => void;
};
