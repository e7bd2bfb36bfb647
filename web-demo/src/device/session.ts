import type { Participant, SessionJoined, UserJoined } from 'downbeat-server';

/** A participant. While one is away, the seat is kept until a time. */
export interface Member extends Participant {
  awayUntil?: number;
}

/** A session as one of its members knows it. */
export interface Session {
  code: string;
  hostId: string;
  /** The host is one only until an earlier one is back. */
  isHostActing?: boolean;
  /** One's seat is from before the connection was lost, or the page reloaded. */
  isResumed?: boolean;
  /** All that have a seat, also those who are away. */
  participants: Member[];
}

/** The state of a session that one has just entered, or has come back to. */
export function enterSession(joined: SessionJoined, now: number, before?: Session): Session {
  const { roomCode: code, hostId, hostActing = false, participants, away = [] } = joined;
  const members: Member[] = [...participants];
  const old = before?.participants ?? [];
  for (const { graceMs, ...participant } of away) {
    // The server does not say where those who are away sit: they stay where they were.
    const at = old.findIndex(({ id }) => id === participant.id);
    const neighbour = old
      .slice(0, Math.max(at, 0))
      .findLast(({ id }) => members.some((member) => member.id === id));
    const place = members.findIndex(({ id }) => id === neighbour?.id) + 1;
    members.splice(at < 0 ? members.length : place, 0, {
      ...participant,
      awayUntil: now + graceMs,
    });
  }
  return { code, hostId, isHostActing: hostActing, participants: members };
}

/** A newcomer, or a member who is back, where the server says. */
export function withParticipant(session: Session, { user, back, after }: UserJoined): Session {
  const members = [...session.participants];
  const at = members.findIndex(({ id }) => id === user.id);
  if (at >= 0) {
    const before = members.slice(0, at).findLast(isPresent)?.id ?? null;
    if (!back || after === undefined || after === before) {
      members[at] = user;
      return { ...session, participants: members };
    }
    members.splice(at, 1);
  }
  const isPlaced = back && after !== undefined;
  const place = members.findIndex(({ id }) => id === after) + 1;
  members.splice(isPlaced ? place : members.length, 0, user);
  return { ...session, participants: members };
}

/** A member with another name or instrument. */
export function withUpdate(session: Session, user: Participant): Session {
  return change(session, user.id, (old) => ({ ...old, ...user }));
}

/** The member's connection is lost, and the seat is kept. Who is away is on no node. */
export function withAway(session: Session, userId: string, awayUntil: number): Session {
  return change(session, userId, ({ node: _, ...member }) => ({ ...member, awayUntil }));
}

export function without(session: Session, userId: string): Session {
  return { ...session, participants: session.participants.filter(({ id }) => id !== userId) };
}

export function isPresent(member: Member): boolean {
  return member.awayUntil === undefined;
}

function change(session: Session, userId: string, to: (member: Member) => Member): Session {
  const participants = session.participants.map((one) => (one.id === userId ? to(one) : one));
  return { ...session, participants };
}
