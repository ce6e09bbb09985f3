import { randomBytes } from 'node:crypto';
import { copyFile, readFile } from 'node:fs/promises';
import path from 'node:path';
import { createSession, type Session, type TokenSet } from 'sluice/session';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { sealedFileStore } from '../../examples/snippets/sealed-file-store.ts';
import { codeBlocks } from '../../scripts/code-blocks.ts';
import { emptyFolder } from '../node/folder.ts';
import { waitFor } from '../support/wait-for.ts';

const tokens: TokenSet = { accessToken: 'access-1', refreshToken: 'refresh-1' };
const newKey = (bytes = 32): unknown => vi.stubEnv('SESSION_KEY', randomBytes(bytes).toString('base64'));
beforeEach(() => void newKey());
afterEach(() => void vi.unstubAllEnvs());

function sessionOn(file: string): Session {
  const session = createSession({ refresh: () => [], store: sealedFileStore(file) });
  onTestFinished(() => session.dispose());
  return session;
}

/** A file with a session whose tokens are sealed. */
async function sealedFile(): Promise<string> {
  const file = path.join(await emptyFolder(), 'session.json');
  const session = sessionOn(file);
  await session.signIn(tokens);
  session.dispose();
  return file;
}

describe('the snippet sealed-file-store.ts', () => {
  it('is a code block of docs/stores.md, word for word', async () => {
    const snippet = await readFile('examples/snippets/sealed-file-store.ts', 'utf8');
    expect(codeBlocks('docs/stores.md').map(({ code }) => `${code}\n`)).toContain(snippet);
  });

  it('writes no token in the clear, and reads the session again with the same key', async () => {
    const file = await sealedFile();
    expect(await readFile(file, 'utf8')).not.toMatch(/access|refresh-1/);
    const session = sessionOn(file);
    await waitFor(() => expect(session.state).toMatchObject({ status: 'signed-in', tokens }));
  });

  it('leaves the session unavailable and the file as it is when the key is another one', async () => {
    const file = await sealedFile();
    const before = await readFile(file, 'utf8');
    newKey();
    const session = sessionOn(file);
    await waitFor(() => expect(session.state.status).toBe('unavailable'));
    session.dispose();
    expect(await readFile(file, 'utf8')).toBe(before);
  });

  it('does not open a session that was copied from another file', async () => {
    const file = await sealedFile();
    const copy = path.join(path.dirname(file), 'copy.json');
    await copyFile(file, copy);
    const session = sessionOn(copy);
    await waitFor(() => expect(session.state.status).toBe('unavailable'));
    session.dispose();
    expect(await readFile(copy, 'utf8')).toBe(await readFile(file, 'utf8'));
  });

  it.each([0, 16, 33])('refuses a key of %i bytes at the call', (bytes) => {
    newKey(bytes);
    expect(() => sealedFileStore('session.json')).toThrow(`has 32 bytes; given: ${String(bytes)}.`);
  });
});
