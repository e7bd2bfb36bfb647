/**
 * Reports an error that a user's listener has thrown as an uncaught one, in a microtask, so that
 * the caller of the listener continues.
 */
export function reportLater(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
