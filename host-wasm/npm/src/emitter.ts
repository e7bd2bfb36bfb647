type Listener = (...args: any[]) => void;

/** The part of an event emitter that the stock client needs in a transport. */
export class Emitter {
  #listeners = new Map<string, { listener: Listener; isOnce: boolean }[]>();

  on(event: string, listener: Listener): this {
    return this.#add(event, listener, false);
  }

  once(event: string, listener: Listener): this {
    return this.#add(event, listener, true);
  }

  /** Removes one listener, all listeners of an event, or all. */
  off(event?: string, listener?: Listener): this {
    if (event === undefined) {
      this.#listeners.clear();
    } else if (listener === undefined) {
      this.#listeners.delete(event);
    } else {
      const others = this.#of(event).filter((entry) => entry.listener !== listener);
      this.#listeners.set(event, others);
    }
    return this;
  }

  removeListener(event?: string, listener?: Listener): this {
    return this.off(event, listener);
  }

  removeAllListeners(event?: string): this {
    return this.off(event);
  }

  listeners(event: string): Listener[] {
    return this.#of(event).map(({ listener }) => listener);
  }

  emit(event: string, ...args: unknown[]): this {
    // A copy, since listeners may change the list.
    for (const { listener, isOnce } of this.#of(event)) {
      if (isOnce) this.off(event, listener);
      listener.apply(this, args);
    }
    return this;
  }

  #add(event: string, listener: Listener, isOnce: boolean): this {
    this.#listeners.set(event, [...this.#of(event), { listener, isOnce }]);
    return this;
  }

  #of(event: string) {
    return this.#listeners.get(event) ?? [];
  }
}
