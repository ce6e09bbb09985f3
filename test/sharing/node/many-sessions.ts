// A process of its own with ten thousand sessions, in memory and then on Redis. Prints as JSON what each of them costs. Needs the flag
// `--expose-gc`, and the URL of a Redis as its argument.
import { createClient } from 'redis';
import { redisStore } from 'sluice/redis';
import { createSession, memoryStore, type Session, type SessionOptions } from 'sluice/session';

/** What ten thousand signed-in sessions cost, while they are idle. */
export interface ManySessions {
  readonly sessions: number;
  /** Live heap, in bytes a session. */
  readonly bytesInMemory: number;
  readonly bytesOnRedis: number;
  /** Timers and connections of this process, on Redis: without sessions, with them, and when they have been disposed of. */
  readonly timers: readonly [none: number, all: number, disposed: number];
  readonly connections: readonly [none: number, all: number, disposed: number];
}

const SESSIONS = 10_000;
/** As many commands at a time as a client sends without letting the last of them wait too long. */
const TOGETHER = 200;

const { gc } = globalThis;
if (!gc) throw new Error('Run this with --expose-gc.');

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function liveBytes(): Promise<number> {
  for (let n = 0; n < 5; n += 1) {
    await pause(20);
    gc?.();
  }
  return process.memoryUsage().heapUsed;
}

async function open(count: number, store: (n: number) => NonNullable<SessionOptions['store']>): Promise<Session[]> {
  const refresh: SessionOptions['refresh'] = () => [];
  const sessions: Session[] = [];
  while (sessions.length < count) {
    const next = Array.from({ length: TOGETHER }, (_, n) =>
      createSession({ refresh, store: store(sessions.length + n) }),
    );
    await Promise.all(
      next.map((session, n) => {
        const name = `${String(sessions.length + n)}-${'x'.repeat(32)}`;
        return session.signIn({ accessToken: `access-${name}`, refreshToken: `refresh-${name}` });
      }),
    );
    sessions.push(...next);
  }
  return sessions;
}

const dispose = (sessions: readonly Session[]): void => {
  for (const session of sessions) session.dispose();
};

/** Bytes a session, and what the process has meanwhile. */
async function measure<R>(
  store: (n: number) => NonNullable<SessionOptions['store']>,
  look: () => Promise<R>,
): Promise<{ readonly bytes: number; readonly seen: R }> {
  const sessions: Session[] = [];
  const before = await liveBytes();
  sessions.push(...(await open(SESSIONS, store)));
  const bytes = ((await liveBytes()) - before) / SESSIONS;
  const seen = await look();
  dispose(sessions);
  return { bytes, seen };
}

/** Copies of the client, for change notifications, have this name, too; other clients of the server have not. */
const name = 'many-sessions';
const client = createClient({ url: process.argv[2] ?? '', name });
await client.connect();
const timers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
const connections = async (): Promise<number> => (await client.clientList()).filter((one) => one.name === name).length;
const none = [timers(), await connections()] as const;
/** Waits until only the connections are left that were there before the sessions: those of disposed sessions end a little later. */
async function connectionsEnd(): Promise<void> {
  while ((await connections()) > none[1]) await pause(10);
}
const onRedis = (n: number) => redisStore(client, `session:${String(n)}`, { ttlMs: 3_600_000 });

// The first session of a process also makes what all sessions share, which must not count as memory of the sessions measured below.
dispose(await open(TOGETHER, () => memoryStore()));
dispose(await open(TOGETHER, onRedis));
await connectionsEnd();
const inMemory = await measure(
  () => memoryStore(),
  () => Promise.resolve(),
);
const shared = await measure(onRedis, async () => [timers(), await connections()] as const);
await connectionsEnd();
const result: ManySessions = {
  sessions: SESSIONS,
  bytesInMemory: inMemory.bytes,
  bytesOnRedis: shared.bytes,
  timers: [none[0], shared.seen[0], timers()],
  connections: [none[1], shared.seen[1], await connections()],
};
process.stdout.write(JSON.stringify(result));
client.destroy();
