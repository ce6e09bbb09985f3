import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Sent } from './answer.ts';

/** A server that records every byte it receives, and answers as the path of each request says. */
export interface RecordingServer {
  readonly url: string;
  readonly elsewhere: string;
  /** What the server has received for a run since the last call. */
  sentIn(run: string): Promise<readonly Sent[]>;
  close(): Promise<void>;
}

export async function startRecordingServer(): Promise<RecordingServer> {
  const worker = new Worker(new URL('./server-worker.ts', import.meta.url), { execArgv: [] });
  const [{ here, elsewhere }] = (await once(worker, 'message')) as [{ here: string; elsewhere: string }];
  // Responses are sent in the order of the requests.
  let last: Promise<unknown> = Promise.resolve();
  return {
    url: here,
    elsewhere,
    async sentIn(run) {
      const answered = last.then(async () => {
        worker.postMessage(run);
        const [sent] = (await once(worker, 'message')) as [readonly Sent[]];
        return sent;
      });
      last = answered;
      return answered;
    },
    async close() {
      await worker.terminate();
    },
  };
}
