import { AxiosError, AxiosHeaders } from 'axios';
import { describe, expect, it } from 'vitest';
import { bodyOf, headerOf, statusOf } from '../../src/session/http-outcome.ts';

const config = { headers: new AxiosHeaders() };
const response = {
  status: 418,
  statusText: '',
  data: { tea: true },
  headers: new AxiosHeaders({ 'Retry-After': '7' }),
  config,
};
const xhr = { getResponseHeader: (name: string) => (name === 'retry-after' ? '7' : null) };

describe.each([
  ['an AxiosError', new AxiosError('no', 'ERR_BAD_REQUEST', config, {}, response)],
  [
    'an AxiosError that repeats the status',
    Object.assign(new AxiosError('no', 'E', config, {}, response), { status: 418 }),
  ],
  ['an answer of axios', response],
  ['a plain answer', { status: 418, data: { tea: true }, headers: { 'retry-after': '7' } }],
  ['an AjaxError', { status: 418, response: { tea: true }, xhr }],
  ['an HttpErrorResponse', { status: 418, error: { tea: true }, headers: new Headers({ 'Retry-After': '7' }) }],
])('of %s', (_title, outcome) => {
  it('reads the status, the headers and the body', () => {
    expect(statusOf(outcome)).toBe(418);
    expect(headerOf(outcome, 'retry-after')).toBe('7');
    expect(headerOf(outcome, 'www-authenticate')).toBeUndefined();
    expect(bodyOf(outcome)).toEqual({ tea: true });
  });
});

describe('of a fetch Response', () => {
  it('reads the status and the headers', () => {
    const outcome = new Response('{}', { status: 418, headers: { 'Retry-After': '7' } });
    expect([statusOf(outcome), headerOf(outcome, 'retry-after'), bodyOf(outcome)]).toEqual([418, '7', undefined]);
  });
});

describe('of what is no answer', () => {
  it.each([
    [undefined],
    [null],
    ['text'],
    [0],
    [new Error('x')],
    [{ status: 0 }],
    [{ status: '401' }],
    [{ response: null }],
    [{ response: 'text' }],
    [new AxiosError('Network Error', 'ERR_NETWORK', config, {})],
  ])('finds no status and no header in %s', (outcome) => {
    expect(statusOf(outcome)).toBeUndefined();
    expect(headerOf(outcome, 'retry-after')).toBeUndefined();
  });

  it('takes a header that is no text for none', () => {
    expect(headerOf({ status: 401, headers: { 'retry-after': 7 } }, 'retry-after')).toBeUndefined();
    expect(headerOf({ status: 401, headers: { get: () => null } }, 'retry-after')).toBeUndefined();
  });
});
