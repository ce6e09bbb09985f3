import { Observable, type Subscriber, type Subscription } from 'rxjs';
import type { RedisClient } from './redis-client.ts';
import { subscribeChannel } from './subscribe-channel.ts';

/**
 * Notifies listeners when a record may have changed, for all records of one client on one channel. It shares one connection among them,
 * which is open while there is a listener.
 */
class RedisNews {
  readonly #client: RedisClient;
  readonly #channel: string;
  /** The listeners of each key. Arrays, because a process may have thousands of keys with one listener each, and a set is larger. */
  readonly #listeners = new Map<string, readonly Subscriber<void>[]>();
  #connection: Subscription | undefined;

  constructor(client: RedisClient, channel: string) {
    this.#client = client;
    this.#channel = channel;
  }

  add(key: string, listener: Subscriber<void>): void {
    const before = this.#listeners.get(key);
    this.#listeners.set(key, before ? [...before, listener] : [listener]);
    listener.add(() => {
      const others = this.#of(key).filter((other) => other !== listener);
      if (others.length > 0) this.#listeners.set(key, others);
      else this.#listeners.delete(key);
      if (this.#listeners.size > 0) return;
      this.#connection?.unsubscribe();
      this.#connection = undefined;
    });
    this.#connection ??= subscribeChannel(this.#client, this.#channel).subscribe({
      next: (changed) => this.#tell(changed === null ? [...this.#listeners.keys()] : [changed]),
      error: () => undefined,
    });
  }

  #of(key: string): readonly Subscriber<void>[] {
    return this.#listeners.get(key) ?? [];
  }

  #tell(keys: readonly string[]): void {
    for (const key of keys) for (const listener of this.#of(key)) listener.next();
  }
}

const known = new WeakMap<RedisClient, Map<string, RedisNews>>();

/** Emits when the record under `key` may have been replaced. */
export function redisNews(client: RedisClient, channel: string, key: string): Observable<void> {
  return new Observable((subscriber) => {
    const channels = known.get(client) ?? new Map<string, RedisNews>();
    const news = channels.get(channel) ?? new RedisNews(client, channel);
    known.set(client, channels.set(channel, news));
    news.add(key, subscriber);
  });
}
