// The events of a jam session, for the stock client:
//
//     const socket: Socket<ServerToClientEvents, ClientToServerEvents> = io(…);

/** A member of a session. */
export interface Participant {
  /** The id of the member's socket. */
  id: string;
  name: string;
  /** `"unknown"` if the member has not said. */
  instrument: string;
}

/** Why something failed, for a program. */
export type ErrorCode =
  | 'invalid_payload'
  | 'session_not_found'
  | 'session_full'
  | 'not_in_session'
  | 'rate_limited'
  | 'server_full';

/** What the event `error` says. */
export interface ErrorPayload {
  /** Why, for a person. */
  message: string;
  code: ErrorCode;
  /** The event that failed. */
  event: keyof ClientToServerEvents;
}

/** How an acknowledgement answers: with what the success brings, or with why there is none. */
export type Ack<Success extends object = {}> =
  ({ ok: true } & Success) | { ok: false; error: { message: string; code: ErrorCode } };

export interface CreateRequest {
  /** 1 to 32 characters; space around them is taken off. */
  name: string;
  /** Likewise. */
  instrument?: string;
}

export interface JoinRequest extends CreateRequest {
  /** As a person types it: case, spaces and the hyphen do not matter. */
  roomCode: string;
}

export interface LeaveRequest {
  roomCode: string;
}

export interface UpdateRequest {
  name?: string;
  instrument?: string;
}

export interface EventRequest {
  /** 1 to 64 characters. */
  type: string;
  /** Anything that Socket.IO can carry, binary data included. */
  data?: unknown;
}

export interface SessionCreated {
  roomCode: string;
  userId: string;
}

export interface SessionJoined {
  roomCode: string;
  /** In the order of joining; oneself is the last. */
  participants: Participant[];
  userId: string;
  hostId: string;
}

export interface SessionEvent {
  userId: string;
  type: string;
  data?: unknown;
}

/** What the server emits. */
export interface ServerToClientEvents {
  'session:created': (payload: SessionCreated) => void;
  'session:joined': (payload: SessionJoined) => void;
  'session:user-joined': (payload: { user: Participant }) => void;
  'session:user-left': (payload: { userId: string }) => void;
  'session:user-updated': (payload: { user: Participant }) => void;
  'session:host-changed': (payload: { hostId: string }) => void;
  'session:event': (payload: SessionEvent) => void;
  error: (payload: ErrorPayload) => void;
}

/** What a client emits, with an acknowledgement or without. */
export interface ClientToServerEvents {
  'session:create': (payload: CreateRequest, ack?: (reply: Ack<SessionCreated>) => void) => void;
  'session:join': (payload: JoinRequest, ack?: (reply: Ack<SessionJoined>) => void) => void;
  'session:leave': (payload: LeaveRequest, ack?: (reply: Ack) => void) => void;
  'session:update': (payload: UpdateRequest, ack?: (reply: Ack) => void) => void;
  'session:event': (payload: EventRequest, ack?: (reply: Ack) => void) => void;
}

/**
 * The same where every event is acknowledged. With these, `emitWithAck` and `timeout` know what
 * they are given and get; the client's types cannot tell where an acknowledgement is optional.
 */
export type AcknowledgedEvents = {
  [Event in keyof ClientToServerEvents]: (
    ...args: Required<Parameters<ClientToServerEvents[Event]>>
  ) => void;
};
