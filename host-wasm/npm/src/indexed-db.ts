// Promises instead of the events of IndexedDB.

/** The result of a request. */
export function resultOf<Result>(request: IDBRequest<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** Resolves when a transaction has been committed; rejects if nothing of it has. */
export function commitOf(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    // The error is null if somebody called abort().
    transaction.onabort = () => reject(transaction.error ?? new Error('aborted'));
  });
}
