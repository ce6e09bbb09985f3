/** What the processes of the gateway are told by their environment. */
export interface Settings {
  readonly port: number;
  readonly workers: number;
  readonly redis: string;
  readonly upstream: string;
  /** How long a worker that refreshes may be silent, in milliseconds, until another one takes its place. */
  readonly leaseMs: number;
}

export function readSettings(): Settings {
  const { PORT, WORKERS, REDIS_URL, UPSTREAM_URL, LEASE_MS } = process.env;
  const port = Number(PORT ?? 3000);
  return {
    port,
    workers: Number(WORKERS ?? 4),
    redis: REDIS_URL ?? 'redis://localhost:6379',
    upstream: UPSTREAM_URL ?? `http://localhost:${String(port + 1)}`,
    leaseMs: Number(LEASE_MS ?? 15_000),
  };
}
