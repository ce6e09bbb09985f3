import { describe, expect, it, vi } from 'vitest';
import { EventParser, type ServerSentEvent, type StreamPosition } from '../../src/streams/event-parser.ts';
import { parsed } from './parsed.ts';
import { shows } from './standard-case.ts';
import cases from './parsing-cases.json' with { type: 'json' };

type Text = string | readonly (string | { readonly repeat: string; readonly times: number })[];

interface ParsingCase {
  readonly id: string;
  readonly source: string;
  readonly input?: Text;
  readonly hex?: string;
  readonly events: readonly { readonly type: string; readonly data: Text; readonly lastEventId: string }[];
  readonly retryMs: number | null;
  readonly endLastEventId: string;
  readonly large?: boolean;
}

const textOf = (text: Text): string =>
  typeof text === 'string'
    ? text
    : text.map((part) => (typeof part === 'string' ? part : part.repeat.repeat(part.times))).join('');

const bytesOf = ({ input, hex }: ParsingCase): Uint8Array =>
  hex === undefined ? new TextEncoder().encode(textOf(input ?? '')) : new Uint8Array(Buffer.from(hex, 'hex'));

const NO_RETRY = -1;

function parse(chunks: readonly Uint8Array[]): {
  events: ServerSentEvent[];
  retryMs: number | null;
  endLastEventId: string;
} {
  const position: StreamPosition = { lastEventId: '', retryMs: NO_RETRY };
  const parser = new EventParser(position);
  const events = parsed(parser, chunks);
  const { retryMs, lastEventId } = position;
  return { events, retryMs: retryMs === NO_RETRY ? null : retryMs, endLastEventId: lastEventId };
}

const given = cases as readonly ParsingCase[];
const expected = ({ events, retryMs, endLastEventId }: ParsingCase): object => ({
  events: events.map((event) => ({ ...event, data: textOf(event.data) })),
  retryMs,
  endLastEventId,
});

/** The same bytes in pieces of one length. */
const pieces = (bytes: Uint8Array, length: number): Uint8Array[] =>
  Array.from({ length: Math.ceil(bytes.length / length) }, (_, n) => bytes.subarray(n * length, (n + 1) * length));

for (const one of given) {
  const { id, source } = one;
  it(`an event stream gives its events when it comes whole (${id}, ${source})`, shows('parsing', id), () => {
    expect(parse([bytesOf(one)])).toEqual(expected(one));
  });
}

const small = given.filter(({ large }) => large !== true);

describe.each(small)('an event stream ($id)', (one) => {
  const isCase = shows('parsing', one.id);
  const bytes = bytesOf(one);

  it('gives the same events when it comes byte by byte', isCase, () => {
    expect(parse(pieces(bytes, 1))).toEqual(expected(one));
  });

  it('gives the same events wherever it is cut in two, with an empty piece between', isCase, () => {
    const cuts = Array.from({ length: Math.min(bytes.length, 300) }, (_, n) => n);
    const differing = cuts.filter((at) => {
      const cut = parse([bytes.subarray(0, at), new Uint8Array(), bytes.subarray(at)]);
      return JSON.stringify(cut) !== JSON.stringify(parse([bytes]));
    });
    expect(differing).toEqual([]);
  });
});

/** Counts the characters that are searched, instead of measuring time. */
function countSearched<T>(run: () => T): { readonly searched: number; readonly events: T } {
  let searched = 0;
  const spies = (['indexOf', 'includes', 'split'] as const).map((name) => {
    const original = String.prototype[name] as (this: string, ...given: unknown[]) => unknown;
    return vi.spyOn(String.prototype, name).mockImplementation(function (this: string, ...given: unknown[]) {
      searched += this.length;
      return Reflect.apply(original, this, given) as never;
    });
  });
  try {
    const events = run();
    return { searched, events };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

describe('the parser of event streams', () => {
  it('gives an event with the byte that completes its empty line, also where lines end with CR', () => {
    const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
    const parser = new EventParser({ lastEventId: '', retryMs: NO_RETRY });
    const text = 'data:a\r\rdata:b\r\n\r\ndata:c\n\n';
    const givenAt = Array.from(text).flatMap((byte, at) => (parsed(parser, [bytes(byte)]).length > 0 ? [at] : []));
    expect(givenAt).toEqual([7, 16, 25]);
  });

  it('keeps the id of the former connection until the server gives another', () => {
    const position = { lastEventId: '7', retryMs: NO_RETRY };
    const parser = new EventParser(position);
    const events = parsed(parser, [new TextEncoder().encode('data:a\n\nid:8\ndata:b\n\n')]);
    expect(events.map(({ lastEventId }) => lastEventId)).toEqual(['7', '8']);
    expect(position.lastEventId).toBe('8');
  });

  it('finds the events of equal chunks, and of chunks that continue a line of the previous chunk', () => {
    const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
    const parser = new EventParser({ lastEventId: '', retryMs: NO_RETRY });
    const chunks = ['data:a\n\ndata:b', 'data:a\n\ndata:b', '\n\ndata:c\n\n', 'data:c\n\n', 'data:c\n\n'];
    const events = parsed(parser, chunks.map(bytes));
    expect(events.map(({ data }) => data)).toEqual(['a', 'bdata:a', 'b', 'c', 'c', 'c']);
  });

  it('examines each character a bounded number of times, however a long line is cut', () => {
    const line = new TextEncoder().encode(`data:${'x'.repeat(1 << 20)}\n\n`);
    const parser = new EventParser({ lastEventId: '', retryMs: NO_RETRY });
    const { searched, events } = countSearched(() => parsed(parser, pieces(line, 16)));
    expect(events).toHaveLength(1);
    expect(searched).toBeGreaterThan(line.length);
    expect(searched).toBeLessThan(line.length * 5);
  });
});
