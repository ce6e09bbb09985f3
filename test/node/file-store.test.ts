import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { fileStore } from 'sluice/node';
import { createSession, type Session, type SessionOptions, type TokenSet } from 'sluice/session';
import { firstValueFrom, filter } from 'rxjs';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { watchFile } from '../../src/node/watch-file.ts';
import { pause } from '../support/real-time.ts';
import { waitFor } from '../support/wait-for.ts';
import { emptyFolder } from './folder.ts';

const tokens = (n: number): TokenSet => ({ accessToken: `access-${String(n)}`, refreshToken: `refresh-${String(n)}` });

function sessionOn(file: string, options: Partial<SessionOptions> = {}): Session {
  const refresh = (current: TokenSet | null): Promise<TokenSet> =>
    Promise.resolve(tokens(1 + Number(current?.refreshToken?.slice('refresh-'.length))));
  const session = createSession({ refresh, store: fileStore(file), ...options });
  onTestFinished(() => session.dispose());
  return session;
}

const until = (session: Session, status: string): Promise<unknown> =>
  firstValueFrom(session.state$.pipe(filter((state) => state.status === status)));

describe('two sessions on one file', () => {
  it('are signed in and out together, and adopt each other’s refreshed tokens', async () => {
    const file = path.join(await emptyFolder(), 'session.json');
    const [one, two] = [sessionOn(file), sessionOn(file)];
    await until(two, 'signed-out');
    await one.signIn(tokens(1));
    await until(two, 'signed-in');
    expect(two.state).toMatchObject({ tokens: tokens(1), owner: one.state.owner });
    await firstValueFrom(one.refresh$);
    await waitFor(() => expect(two.state.tokens).toMatchObject(tokens(2)));
    await two.signOut();
    await until(one, 'signed-out');
  });

  it('reach the same file by paths that were given before the process changed its directory', async () => {
    const folder = await emptyFolder();
    const before = process.cwd();
    onTestFinished(() => process.chdir(before));
    process.chdir(folder);
    const one = sessionOn('session.json');
    process.chdir(before);
    await one.signIn(tokens(1));
    expect(await readdir(folder)).toEqual(['session.json']);
  });
});

describe('a file that existed before it was given to fileStore()', () => {
  it('is used if it holds a bare token set, which the first refresh replaces by a record', async () => {
    const file = path.join(await emptyFolder(), 'session.json');
    await writeFile(file, JSON.stringify({ ...tokens(1), account: 'ada' }));
    const session = sessionOn(file);
    await until(session, 'signed-in');
    expect(session.state.tokens).toEqual({ ...tokens(1), account: 'ada' });
    await firstValueFrom(session.refresh$);
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ schema: 1, generation: 1 });
  });

  it('is reported and kept if it cannot be read, until somebody signs in', async () => {
    const file = path.join(await emptyFolder(), 'session.json');
    await writeFile(file, '{"accessToken":"secret-a');
    const messages: string[] = [];
    const session = sessionOn(file);
    session.events$.subscribe((event) => event.type === 'store-failed' && messages.push(event.message));
    await until(session, 'unavailable');
    expect(await readFile(file, 'utf8')).toBe('{"accessToken":"secret-a');
    expect(messages.join()).not.toContain('secret');
    await session.signIn(tokens(1));
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ schema: 1, tokens: expect.any(String) });
  });
});

describe('fileStore()', () => {
  it('seals the tokens with a codec', async () => {
    const file = path.join(await emptyFolder(), 'session.json');
    const codec = {
      seal: (text: string) => Buffer.from(text).toString('base64'),
      open: (text: string) => Buffer.from(text, 'base64').toString(),
    };
    const session = sessionOn(file, { store: fileStore(file, { codec }) });
    await session.signIn(tokens(1));
    expect(await readFile(file, 'utf8')).not.toContain('access-1');
    const other = sessionOn(file, { store: fileStore(file, { codec }) });
    await until(other, 'signed-in');
    expect(other.state.tokens).toMatchObject(tokens(1));
  });

  it.each(['', undefined, 17])('refuses %j as a path', (file) => {
    expect(() => fileStore(file as string)).toThrow('fileStore() takes the path of a file; given: ');
  });

  it('does not keep a process alive, whether or not there is a folder to watch', async () => {
    const folder = await emptyFolder();
    for (const file of [path.join(folder, 'session.json'), path.join(folder, 'missing', 'session.json')]) {
      const script = `
        import { createSession } from 'sluice/session';
        import { fileStore } from 'sluice/node';
        const session = createSession({ refresh: () => [], store: fileStore(${JSON.stringify(file)}) });
        session.state$.subscribe(({ status }) => console.log(status));`;
      const args = ['--conditions=sluice-source', '--input-type=module', '--eval', script];
      const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 60_000 });
      expect(stdout.split('\n')).toContain('signed-out');
    }
  });
});

it('a process that ends as soon as it has its response has written the refreshed tokens to the file', async () => {
  const file = path.join(await emptyFolder(), 'session.json');
  await writeFile(file, JSON.stringify(tokens(1)));
  const script = `
    import { defer, of, throwError } from 'rxjs';
    import { createSession, retryOnUnauthorized } from 'sluice/session';
    import { fileStore } from 'sluice/node';
    const refresh = () => Promise.resolve(${JSON.stringify(tokens(2))});
    const session = createSession({ refresh, store: fileStore(${JSON.stringify(file)}) });
    const send = () => session.state.tokens.accessToken === 'access-2' ? of('done') : throwError(() => ({ status: 401 }));
    session.state$.subscribe(({ status }) => {
      if (status !== 'signed-in') return;
      defer(send).pipe(retryOnUnauthorized(session)).subscribe(() => process.exit(7));
    });`;
  const args = ['--conditions=sluice-source', '--input-type=module', '--eval', script];
  const run = promisify(execFile)(process.execPath, args, { timeout: 60_000 });
  await expect(run).rejects.toMatchObject({ code: 7 });
  expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ tokens: JSON.stringify(tokens(2)) });
});

describe('the change notifications of a fileStore', () => {
  /** Counts the change notifications. The returned function says how many have come since its last call. */
  function listen(file: string): () => number {
    let heard = 0;
    const listening = watchFile(file).subscribe(() => (heard += 1));
    onTestFinished(() => listening.unsubscribe());
    return () => {
      const since = heard;
      heard = 0;
      return since;
    };
  }

  it('come when its file is replaced or removed, and not when other files beside it are', async () => {
    const folder = await emptyFolder();
    const file = path.join(folder, 'session.json');
    const news = listen(file);
    await waitFor(() => expect(news()).toBeGreaterThan(0));
    await writeFile(path.join(folder, 'next'), '{}');
    await rename(path.join(folder, 'next'), file);
    await waitFor(() => expect(news()).toBeGreaterThan(0));
    await rm(file);
    await waitFor(() => expect(news()).toBeGreaterThan(0));
    await writeFile(path.join(folder, 'other'), '');
    await writeFile(path.join(folder, 'session.json.lock'), '');
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(news()).toBe(0);
  });

  it('come also from a folder that is made later, removed and made again', async () => {
    // The clock moves only in `tryAgain`, so that between its calls only the watch on the folder can give a change notification.
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const folder = path.join(await emptyFolder(), 'later');
    const file = path.join(folder, 'session.json');
    const news = listen(file);
    const someNews = async (): Promise<void> => {
      while (news() === 0) await pause(10);
    };
    const tryAgain = async (): Promise<void> => {
      while (vi.getTimerCount() === 0) await pause(10);
      vi.advanceTimersToNextTimer();
    };
    await someNews();
    for (const round of ['first', 'second']) {
      await mkdir(folder);
      await tryAgain();
      await someNews();
      await writeFile(file, round);
      await someNews();
      await rm(folder, { recursive: true });
    }
  });
});
