import { lines, text } from 'sluice/streams';
import { lastValueFrom, take, toArray } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { JsonLines } from '../../src/streams/json-lines.ts';
import { adapters, appOn, errorOf } from '../http/fixture.ts';
import { record } from '../support/recorder.ts';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { left, parsed } from './parsed.ts';

failOnUnhandled();
const auth = useAuthServer();
const path = '/api/rows';
const bytes = (value: string): Uint8Array => new TextEncoder().encode(value);

function parse(...chunks: Uint8Array[]): unknown[] {
  const reader = new JsonLines();
  const values = parsed(reader, chunks);
  reader.finish();
  return [...values, ...left(reader)];
}

describe('JSON lines', () => {
  it.each([
    ['end with LF', '{"a":1}\n[2]\n"ü"\n', [{ a: 1 }, [2], 'ü']],
    ['end with CRLF', '1\r\n2\r\n', [1, 2]],
    ['do not end at all', '1\n2', [1, 2]],
    ['are empty between', '\n\r\n1\n \n2\n\n', [1, 2]],
    ['begin with a byte order mark', '\uFEFF1\n2\n', [1, 2]],
    ['are a JSON text sequence', '\x1e{"a":1}\n\x1e2\n', [{ a: 1 }, 2]],
    [
      'are a sequence of texts of several lines',
      '\x1e{\n  "a": 1\n}\n\x1e[\n 1,\n\n 2\n]\n\x1e"x"\n',
      [{ a: 1 }, [1, 2], 'x'],
    ],
    [
      'are a sequence whose texts end anywhere',
      '\x1e[1,\n  2 ]\n\x1e{"a":\n  {"b":1\n}\n  }',
      [[1, 2], { a: { b: 1 } }],
    ],
    ['are a sequence with empty texts', '\x1e \n\x1e\n1\n\x1e 2\n\x1e', [1, 2]],
    ['are a sequence whose record separators stand alone', '\x1e\n[\n1]\n\x1e\n2', [[1], 2]],
    ['are a sequence with several record separators in a row', '\x1e\x1e1\n\x1e\x1e\x1e{"a":\n2}\x1e', [1, { a: 2 }]],
    [
      'are a sequence whose texts have no line ends',
      '\x1e{"a":1}\x1e[2]\x1e"x"\x1e{\n}\x1enull',
      [{ a: 1 }, [2], 'x', {}, null],
    ],
    ['have a CR as white space within', '{"a":\r1}\n', [{ a: 1 }]],
    ['hold null and false', 'null\nfalse\n', [null, false]],
    ['are none', '', []],
  ])('are read where they %s', (_, input, expected) => {
    const whole = bytes(input);
    expect(parse(whole)).toEqual(expected);
    expect(parse(...Array.from(whole, (byte) => Uint8Array.of(byte)))).toEqual(expected);
  });

  it('fail with the number of the line that is no JSON, and do not quote it', () => {
    const reading = (): unknown => parse(bytes('1\n\n{"secret": oops\n'));
    expect(reading).toThrow(expect.objectContaining({ code: 'stream-failed', reason: 'invalid-line', line: 3 }));
    expect(reading).not.toThrow(/secret|oops/);
  });
});

describe('a JSON text sequence', () => {
  it('names the line of a text that is no JSON, if separators cut lines', () => {
    const reading = (): unknown => parse(bytes('\x1e1\x1e2\n\x1e3\x1eoops\n\x1e4\n'));
    expect(reading).toThrow(expect.objectContaining({ reason: 'invalid-line', line: 2 }));
  });

  it('reads a long text whose lines are not indented in time that is linear in its length', () => {
    const items = Array.from({ length: 5_000 }, (_, id) => ({ id, of: { name: 'Ada' } }));
    // Python's `json.dumps(items, indent=0)` writes such texts.
    const text = JSON.stringify(items, null, 1).replaceAll(/^ +/gm, '');
    const spy = vi.spyOn(JSON, 'parse');
    expect(parse(bytes(`\x1e${text}\n\x1e1\n`))).toEqual([items, 1]);
    const read = spy.mock.calls.reduce((sum, [one]) => sum + one.length, 0);
    spy.mockRestore();
    expect(read).toBeLessThan(4 * text.length + 200_000);
  });

  it('searches many texts without line feeds in time that is linear in their length', () => {
    const texts = Array.from({ length: 2_000 }, (_, id) => `\x1e{"id":${id},"name":"Ada"}`).join('');
    let searched = 0;
    const original = Object.getOwnPropertyDescriptor(String.prototype, 'indexOf')?.value as typeof path.indexOf;
    const spy = vi.spyOn(String.prototype, 'indexOf').mockImplementation(function (this: string, wanted, from = 0) {
      const found = original.call(this, wanted, from);
      searched += (found < 0 ? this.length : found) - from;
      return found;
    });
    try {
      expect(parse(bytes(texts))).toHaveLength(2_000);
    } finally {
      spy.mockRestore();
    }
    expect(searched).toBeLessThan(4 * texts.length);
  });

  it('emits a text as soon as its last line has come, if that line begins with its bracket', () => {
    const reader = new JsonLines();
    expect(parsed(reader, [bytes('\x1e{\n  "a": [\n    1\n  ]\n')])).toEqual([]);
    expect(parsed(reader, [bytes('}\n')])).toEqual([{ a: [1] }]);
  });

  it.each([
    ['when the next text begins', '\x1e1\n\x1e{\n"secret"\n\x1e2\n', 2],
    ['at the end of the body', '\x1e{\n"secret"', 1],
    ['after a text', '\x1e1\nsecret\n', 2],
  ])(
    'fails %s at a text that is no JSON, with the number of its first line, and does not quote it',
    (_, input, line) => {
      const reading = (): unknown => parse(bytes(input));
      expect(reading).toThrow(expect.objectContaining({ code: 'stream-failed', reason: 'invalid-line', line }));
      expect(reading).not.toThrow(/secret/);
    },
  );
});

describe.each(adapters)('with the %s adapter', (adapter) => {
  const rows = (...parts: string[]): void => {
    auth.server.route(path, () => ({
      body: (async function* () {
        yield* parts;
      })(),
    }));
  };

  it('lines() refreshes a dead token, and emits the lines of the response', async () => {
    rows('{"n":1}\n{"n"', ':2}\n', '{"n":3}');
    const { api } = appOn(auth.server, { adapter });
    auth.server.expireAccess();
    const values = await lastValueFrom(lines<{ n: number }>(api, path).pipe(toArray()));
    expect(values).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
    expect(auth.server.refreshes).toHaveLength(1);
  });

  it('lines() gives the lines before the one that is no JSON, then fails and closes the connection', async () => {
    auth.server.route(path, (_request, closing) => ({
      body: (async function* () {
        yield '1\n?\n2\n';
        await new Promise((resolve) => {
          closing.addEventListener('abort', resolve);
        });
      })(),
    }));
    const { api } = appOn(auth.server, { adapter });
    expect(await record(lines(api, path)).outcome).toMatchObject({ kind: 'error', values: [1], error: { line: 2 } });
    await auth.server.closed(path, 1);
  });

  it('text() emits the pieces of a response, none of them cut within a character', async () => {
    const [head, tail] = [bytes('grü').subarray(0, 3), bytes('grü').subarray(3)];
    auth.server.route(path, () => ({
      body: (async function* () {
        yield head;
        await new Promise((resolve) => setTimeout(resolve, 20));
        yield tail;
        yield ' Gott';
      })(),
    }));
    const { api } = appOn(auth.server, { adapter });
    const pieces = await lastValueFrom(text(api, path, { method: 'post', data: {} }).pipe(toArray()));
    expect(pieces.join('')).toBe('grü Gott');
    expect(pieces.join('|')).not.toContain('\uFFFD');
    expect(pieces[0]).toBe('gr');
  });

  it('text() closes the connection when it is unsubscribed', async () => {
    auth.server.route(path, (_request, closing) => ({
      body: (async function* () {
        yield 'first';
        await new Promise((resolve) => {
          closing.addEventListener('abort', resolve);
        });
      })(),
    }));
    const { api } = appOn(auth.server, { adapter });
    expect(await lastValueFrom(text(api, path).pipe(take(1)))).toBe('first');
    await auth.server.closed(path, 1);
  });

  it('text() fails when the connection breaks, and does not complete', async () => {
    auth.server.route(path, () => ({ body: Buffer.from('x'.repeat(100)), fault: 'half-body' }));
    const { api } = appOn(auth.server, { adapter });
    expect(await errorOf(text(api, path))).toBeInstanceOf(Error);
  });
});
