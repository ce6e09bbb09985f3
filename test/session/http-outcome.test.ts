import { runInNewContext } from 'node:vm';
import { AxiosError, AxiosHeaders } from 'axios';
import { RefreshFailedError, SessionExpiredError } from 'sluice/session';
import { describe, expect, it } from 'vitest';
import { bodyOf, headerOf, isFetchResponse, statusOf } from '../../src/session/http-outcome.ts';

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
  [
    'a plain answer with headers as they were sent',
    { status: 418, data: { tea: true }, headers: { 'Retry-After': '7' } },
  ],
  ['a plain answer with a list of values', { status: 418, data: { tea: true }, headers: { 'retry-after': ['7'] } }],
  [
    'an error of ofetch, which has the status twice',
    Object.assign(new Error('no'), {
      status: 418,
      statusCode: 418,
      data: { tea: true },
      response: new Response('{}', { status: 418, headers: { 'Retry-After': '7' } }),
    }),
  ],
  [
    'an error of superagent, which has the headers in `response` only',
    Object.assign(new Error('no'), {
      status: 418,
      response: { status: 418, statusCode: 418, headers: { 'retry-after': '7' }, body: { tea: true } },
    }),
  ],
  [
    'an error of got, which leaves the body text',
    Object.assign(new Error('no'), {
      code: 'ERR_NON_2XX_3XX_RESPONSE',
      options: {},
      response: { statusCode: 418, headers: { 'retry-after': '7' }, body: '{"tea":true}' },
    }),
  ],
  ['an answer of needle', { statusCode: 418, headers: { 'retry-after': '7' }, body: { tea: true } }],
])('the status, headers and body of %s', (_title, outcome) => {
  it('are read', () => {
    expect(statusOf(outcome)).toBe(418);
    expect(headerOf(outcome, 'retry-after')).toBe('7');
    expect(headerOf(outcome, 'www-authenticate')).toBeUndefined();
    expect(bodyOf(outcome)).toEqual({ tea: true });
  });

  it('are read when another error has it as its cause', () => {
    const wrapped = new Error('no', { cause: new Error('no', { cause: outcome }) });
    expect([statusOf(wrapped), headerOf(wrapped, 'retry-after')]).toEqual([418, '7']);
  });
});

describe('plain headers, one of which is named `get`,', () => {
  it('are read as plain headers', () => {
    expect(headerOf({ headers: { get: 'x', 'Retry-After': '7' } }, 'retry-after')).toBe('7');
  });
});

describe('several headers of one name', () => {
  it('are joined', () => {
    const challenges = ['Basic realm="x"', 'Bearer error="insufficient_scope"'];
    expect(headerOf({ response: { headers: { 'WWW-Authenticate': challenges } } }, 'www-authenticate')).toBe(
      'Basic realm="x", Bearer error="insufficient_scope"',
    );
  });
});

describe('an error with a status of its own and a cause', () => {
  it('gives its own status', () => {
    const cause = { status: 400, headers: { 'retry-after': '1', age: '9' } };
    const outcome = Object.assign(new Error('no', { cause }), { status: 503, headers: { 'retry-after': '7' } });
    expect([statusOf(outcome), headerOf(outcome, 'retry-after'), headerOf(outcome, 'age')]).toEqual([503, '7', '9']);
  });

  it('gives the status of the cause when its own status is 0', () => {
    expect(statusOf(Object.assign(new Error('no', { cause: { status: 503 } }), { status: 0 }))).toBe(503);
  });
});

describe('an error of a session', () => {
  const caused = new RefreshFailedError('unavailable', { status: 503, headers: { 'retry-after': '7' } });
  it.each([
    ['itself', caused],
    ['as a cause', new Error('no', { cause: caused })],
    [
      'in an error that has a status',
      Object.assign(new Error('no', { cause: new SessionExpiredError() }), { status: 401 }),
    ],
  ])('gives no status, because the status belongs to another request: the refresh (%s)', (_title, outcome) => {
    expect(statusOf(outcome)).toBeUndefined();
  });

  it('gives the headers of the cause', () => {
    expect(headerOf(new Error('no', { cause: caused }), 'retry-after')).toBe('7');
  });
});

describe('a fetch Response', () => {
  it('gives its status and headers', () => {
    const outcome = new Response('{}', { status: 418, headers: { 'Retry-After': '7' } });
    expect([statusOf(outcome), headerOf(outcome, 'retry-after'), bodyOf(outcome)]).toEqual([418, '7', undefined]);
  });
});

/** Classes with getters, like the Responses of Expo and node-fetch. */
class OtherResponse {
  readonly #answer = new Response('{}', { status: 418 });
  get status(): number {
    return this.#answer.status;
  }
  get ok(): boolean {
    return this.#answer.ok;
  }
  get headers(): Headers {
    return new Headers({ 'Retry-After': '7' });
  }
  get data(): never {
    throw new Error('node-fetch prints a warning here');
  }
}
const ofOtherRealm = runInNewContext(`new (class Response {
  status = 418; ok = false; headers = new Map([['retry-after', '7']]);
})()`) as unknown;

describe.each([
  ['this realm', new Response('{}', { status: 418, headers: { 'Retry-After': '7' } })],
  ['another implementation', new OtherResponse()],
  ['another realm', ofOtherRealm],
])('a fetch Response of %s', (_title, outcome) => {
  it('is recognised, and gives a status and headers, but no body yet', () => {
    expect(isFetchResponse(outcome)).toBe(true);
    expect([statusOf(outcome), headerOf(outcome, 'retry-after'), bodyOf(outcome)]).toEqual([418, '7', undefined]);
    expect(bodyOf({ response: outcome })).toBeUndefined();
  });
});

describe('isFetchResponse', () => {
  it.each([
    ['data of an API', { status: 401 }],
    ['data of an API that looks much like one', { status: 401, ok: false, headers: { get: 'x' }, url: '/' }],
    ['an answer of axios', response],
    ['an answer of needle', { statusCode: 401, headers: {}, body: {} }],
    ['headers alone', { headers: new Headers() }],
    ['headers without a status', { ok: false, headers: new Headers() }],
    ['nothing', null],
    ['text', 'Response'],
  ])('does not recognise %s', (_title, value) => {
    expect(isFetchResponse(value)).toBe(false);
  });
});

describe('a value that is no response', () => {
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
  ])('gives no status and no header: %s', (outcome) => {
    expect(statusOf(outcome)).toBeUndefined();
    expect(headerOf(outcome, 'retry-after')).toBeUndefined();
  });

  it('gives no header that is not a string', () => {
    expect(headerOf({ status: 401, headers: { 'retry-after': 7 } }, 'retry-after')).toBeUndefined();
    expect(headerOf({ status: 401, headers: { get: () => null } }, 'retry-after')).toBeUndefined();
  });
});
