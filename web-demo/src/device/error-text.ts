import type { ErrorCode } from 'downbeat-server';

/** What went wrong and what to do, in words for a musician. */
export function explain(code: ErrorCode | string, message: string): string {
  switch (code) {
    case 'session_not_found':
      return 'Session not found. Check the code, or create a session of your own.';
    case 'session_full':
      return 'This session is full. Wait until somebody leaves, or create another one.';
    case 'name_taken':
      return 'Somebody there has this name already. Choose another one.';
    case 'rate_limited':
      return 'Too many requests. Wait a moment, then try again.';
    case 'server_full':
      return 'The server is full. Try again later.';
    case 'shutting_down':
      return 'The server is shutting down. Wait until it is back, then try again.';
    case 'try_again':
      return 'The server could not save that. Try again in a moment.';
    case 'invalid_payload':
      return `The server did not accept that: ${message}`;
    case 'not_in_session':
      return 'You are not in a session any more. Create one, or join one.';
    default:
      return message;
  }
}
