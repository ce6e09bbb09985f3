import { AxiosError, AxiosHeaders } from 'axios';
import { AjaxError, AjaxTimeoutError, type AjaxRequest } from 'rxjs/ajax';
import { classifyRefreshError, RefreshFailedError, SessionExpiredError, type RefreshErrorKind } from 'sluice/session';
import { describe, expect, it } from 'vitest';
import { answer } from './fixture.ts';

type Make = (status: number, body?: unknown, contentType?: string) => unknown;

const shapes: Record<string, Make> = {
  axios: (status, body, contentType = 'application/json') => {
    const config = { headers: new AxiosHeaders() };
    const headers = new AxiosHeaders({ 'Content-Type': contentType });
    return new AxiosError(
      `Request failed with status code ${status}`,
      'ERR_BAD_REQUEST',
      config,
      {},
      {
        status,
        data: body,
        headers,
        config,
        statusText: '',
      },
    );
  },
  ajax: (status, body, contentType = 'application/json') => {
    const xhr = {
      status,
      response: body,
      responseType: 'json',
      getResponseHeader: (name: string) => (name.toLowerCase() === 'content-type' ? contentType : null),
    };
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- its constructor only
    return new AjaxError('ajax error', xhr as unknown as XMLHttpRequest, {} as AjaxRequest);
  },
  // Angular's errors: the body is `error`, the headers have `get`.
  HttpErrorResponse: (status, body, contentType = 'application/json') => ({
    name: 'HttpErrorResponse',
    status,
    error: body,
    headers: new Headers({ 'content-type': contentType }),
  }),
};

/** Errors whose body cannot be read synchronously. */
const bodiless: Record<string, Make> = {
  'fetch Response': (status, _body, contentType = 'application/json') =>
    new Response('{}', { status, headers: { 'content-type': contentType } }),
  ky: (status, _body, contentType = 'application/json') =>
    Object.assign(new Error('HTTPError'), {
      name: 'HTTPError',
      response: new Response('{}', { status, headers: { 'content-type': contentType } }),
      request: {},
      options: {},
    }),
};

const byStatus: [number, RefreshErrorKind][] = [
  [302, 'unavailable'],
  [400, 'rejected'],
  [401, 'rejected'],
  [403, 'rejected'],
  [404, 'misconfigured'],
  [405, 'misconfigured'],
  [408, 'unavailable'],
  [409, 'misconfigured'],
  [415, 'misconfigured'],
  [422, 'misconfigured'],
  [425, 'misconfigured'],
  [429, 'unavailable'],
  [500, 'unavailable'],
  [502, 'unavailable'],
  [503, 'unavailable'],
  [504, 'unavailable'],
  [599, 'unavailable'],
];

describe.each(Object.entries({ ...shapes, ...bodiless }))('classifyRefreshError of %s errors', (_name, make) => {
  it.each(byStatus)('classifies %i without a code as %s', (status, expected) => {
    expect(classifyRefreshError(make(status))).toBe(expected);
  });

  it.each([
    [400, 'unavailable'],
    [403, 'unavailable'],
    [401, 'rejected'],
    [404, 'misconfigured'],
    [503, 'unavailable'],
  ] as const)('classifies %i in HTML as %s', (status, expected) => {
    expect(classifyRefreshError(make(status, '<html>Log in to the Wi-Fi</html>', 'text/html; charset=utf-8'))).toBe(
      expected,
    );
  });
});

describe.each(Object.entries(shapes))('classifyRefreshError of %s errors with a body', (name, make) => {
  it.each([
    [400, 'invalid_grant', 'rejected'],
    [401, 'invalid_grant', 'rejected'],
    [403, 'invalid_grant', 'rejected'],
    [422, 'invalid_grant', 'rejected'],
    [500, 'invalid_grant', 'rejected'],
    [400, 'invalid_request', 'misconfigured'],
    [401, 'invalid_client', 'misconfigured'],
    [400, 'invalid_client', 'misconfigured'],
    [400, 'unauthorized_client', 'misconfigured'],
    [400, 'unsupported_grant_type', 'misconfigured'],
    [400, 'invalid_scope', 'misconfigured'],
    [400, 'invalid_target', 'misconfigured'],
    [400, 'use_dpop_nonce', 'misconfigured'],
    [401, 'invalid_dpop_proof', 'misconfigured'],
    [400, 'invalid_authorization_details', 'misconfigured'],
    [400, 'temporarily_unavailable', 'unavailable'],
    [400, 'server_error', 'unavailable'],
    [403, 'server_error', 'unavailable'],
    [400, 'slow_down', 'unavailable'],
    [400, 'authorization_pending', 'unavailable'],
    [503, 'temporarily_unavailable', 'unavailable'],
    // These codes are not in the OAuth registry: frameworks send them with any 401.
    [401, 'Unauthorized', 'rejected'],
    [400, 'Bad Request', 'rejected'],
    [403, 'not_invalid_client', 'rejected'],
    [429, 'invalid_request', 'unavailable'],
    [500, 'server_error', 'unavailable'],
  ] as const)('classifies %i %s as %s', (status, error, expected) => {
    expect(classifyRefreshError(make(status, { error, error_description: 'why' }))).toBe(expected);
  });

  it.each([
    [400, 'invalid_grant', 'rejected'],
    [401, 'invalid_client', 'misconfigured'],
    [400, 'server_error', 'unavailable'],
    [401, 'Unauthorized', 'rejected'],
    [429, 'invalid_request', 'unavailable'],
  ] as const)(`classifies %i %s of ${name} as %s when another error wraps it`, (status, error, expected) => {
    const wrapped = new Error('wrapped', { cause: make(status, { error }) });
    expect(classifyRefreshError(new Error('wrapped again', { cause: wrapped }))).toBe(expected);
  });

  it.each([
    [400, 'invalid_grant', 'rejected'],
    [401, 'invalid_client', 'misconfigured'],
    [401, 'Unauthorized', 'rejected'],
  ] as const)(
    `classifies %i %s of ${name} as %s when the body is JSON that was left as text`,
    (status, error, expected) => {
      expect(classifyRefreshError(make(status, JSON.stringify({ error })))).toBe(expected);
    },
  );

  it(`reads a code of ${name} that is the whole body`, () => {
    expect(classifyRefreshError(make(401, 'invalid_client'))).toBe('misconfigured');
  });

  it.each([
    null,
    undefined,
    '',
    'no',
    7,
    [],
    {},
    { error: null },
    { error: { code: 'invalid_client' } },
    { error: ['invalid_client'] },
  ])('uses the status when the body is %j', (body) => {
    expect(classifyRefreshError(make(401, body))).toBe('rejected');
    expect(classifyRefreshError(make(400, body))).toBe('rejected');
    expect(classifyRefreshError(make(404, body))).toBe('misconfigured');
    expect(classifyRefreshError(make(503, body))).toBe('unavailable');
  });
});

describe('classifyRefreshError', () => {
  it.each([
    ['a network error of axios', new AxiosError('Network Error', 'ERR_NETWORK', { headers: new AxiosHeaders() }, {})],
    ['a timeout of axios', new AxiosError('timeout', 'ECONNABORTED', { headers: new AxiosHeaders() }, {})],
    ['a network error of fetch', new TypeError('Failed to fetch')],
    ['a network error of Angular', { name: 'HttpErrorResponse', status: 0, error: { type: 'error' } }],
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- its constructor only
    ['a timeout of ajax', new AjaxTimeoutError({ status: 0 } as XMLHttpRequest, {} as AjaxRequest)],
    ['an abort', new DOMException('gone', 'AbortError')],
    ['an ordinary error', new Error('oops')],
    ['a string', 'oops'],
    ['null', null],
    ['undefined', undefined],
    ['a number', 401],
    ['an error of Sluice that is no refusal', new RefreshFailedError('unavailable')],
  ])('classifies %s as unavailable', (_title, error) => {
    expect(classifyRefreshError(error)).toBe('unavailable');
  });

  it('classifies SessionExpiredError as a refusal', () => {
    expect(classifyRefreshError(new SessionExpiredError())).toBe('rejected');
    expect(classifyRefreshError(new Error('wrapped', { cause: new SessionExpiredError() }))).toBe('rejected');
  });

  it.each([400, 401, 403])('classifies %i without a content type as a refusal', (status) => {
    expect(classifyRefreshError(answer(status))).toBe('rejected');
  });

  it('reads an OAuth client’s own error with a status', () => {
    expect(classifyRefreshError({ status: 400, error: 'invalid_client' })).toBe('misconfigured');
    expect(classifyRefreshError({ status: 400, error: 'invalid_grant' })).toBe('rejected');
  });
});
