import { BodyUsedError } from 'sluice';
import { AxiosHeaders, type AxiosRequestTransformer, type InternalAxiosRequestConfig } from 'axios';
import { Readable } from 'node:stream';
import { describe, expect, it, vi } from 'vitest';
import { bodyForSend, copyViewBytes, requestTransform } from '../../src/http/request-body.ts';

describe('bodyForSend', () => {
  it.each([
    ['text', 'text'],
    ['an object', { pipes: 1 }],
    ['bytes', new Uint8Array(3)],
    ['a form', new FormData()],
    ['null', null],
    ['nothing', undefined],
    ['a number', 0],
    ['an array', [1, 2]],
    ['search parameters', new URLSearchParams('a=1')],
    ['a Blob', new Blob(['a'])],
  ])('gives %s unchanged for each send', (_, body) => {
    expect([0, 1, 2].map((sends) => bodyForSend(body, sends))).toEqual([body, body, body]);
    expect(bodyForSend(body, 2)).toBe(body);
  });

  async function* lines(): AsyncGenerator<string> {
    yield 'line';
  }

  it.each([
    ['a Node stream', () => Readable.from(['a'])],
    ['a web stream', () => new Blob(['a']).stream()],
    ['an async generator', () => lines()],
    ['what has `pipe` and no more', () => ({ pipe: () => undefined })],
    ['what has `getReader` and no more', () => ({ getReader: () => undefined })],
  ])('gives %s for the first send only', (_, make) => {
    const body = make();
    expect(bodyForSend(body, 0)).toBe(body);
    expect(() => bodyForSend(body, 1)).toThrow(BodyUsedError);
  });

  it('calls a body factory for each send', () => {
    const make = vi.fn(() => Readable.from(['a']));
    const [first, second] = [bodyForSend(make, 0), bodyForSend(make, 1)];
    expect(make).toHaveBeenCalledTimes(2);
    expect(second).not.toBe(first);
  });
});

describe('copyViewBytes', () => {
  const whole = Uint8Array.from([0, 1, 2, 3, 4, 5, 6, 7]);

  it.each([
    ['the start of an array', whole.subarray(0, 2), [0, 1]],
    ['the end of an array', whole.subarray(6), [6, 7]],
    ['nothing of an array', whole.subarray(3, 3), []],
    ['a DataView', new DataView(whole.buffer, 2, 3), [2, 3, 4]],
    ['wider elements', new Uint16Array(whole.buffer, 2, 2), [2, 3, 4, 5]],
  ])('makes a buffer from %s', (_, view, expected) => {
    const bytes = copyViewBytes(view);
    expect(bytes).toBeInstanceOf(ArrayBuffer);
    expect([...new Uint8Array(bytes as ArrayBuffer)]).toEqual(expected);
  });

  it.each([
    ['a whole array', whole],
    ['a whole DataView', new DataView(whole.buffer)],
    ["a part of Node's Buffer", Buffer.from('buffer').subarray(1, 3)],
    ['a buffer', whole.buffer],
    ['text', 'text'],
    ['null', null],
    ['nothing', undefined],
    ['an object', {}],
  ])('gives %s unchanged', (_, data) => {
    expect(copyViewBytes(data)).toBe(data);
  });
});

describe('requestTransform', () => {
  /** What axios sends for a body. */
  const made = (data: unknown): unknown => {
    const [transform] = requestTransform(undefined, false);
    const headers = new AxiosHeaders();
    return transform?.call({ headers } as InternalAxiosRequestConfig, data, headers);
  };

  it('calls each transform with the headers as the previous one left them, each under one name', () => {
    const first: AxiosRequestTransformer = (data: unknown, headers) => {
      (headers as Record<string, unknown>)['content-type'] = 'application/json';
      return data;
    };
    const second = vi.fn<AxiosRequestTransformer>(
      (_data, headers) => (headers as Record<string, unknown>)['Content-Type'],
    );
    const headers = new AxiosHeaders({ 'Content-Type': 'text/plain' });
    const [transform] = requestTransform([first, second], false);
    expect(transform?.call({ headers } as InternalAxiosRequestConfig, 'body', headers)).toBe('application/json');
  });

  it('gives a form with a stream in it as a stream', () => {
    const form = {
      getBuffer: () => {
        throw new TypeError('It holds a stream');
      },
      getHeaders: () => ({}),
    };
    expect(made(form)).toBe(form);
  });

  it('gives a form without a stream as its bytes', () => {
    const bytes = new Uint8Array(3);
    expect(made({ getBuffer: () => bytes, getHeaders: () => ({}) })).toBe(bytes);
  });
});
