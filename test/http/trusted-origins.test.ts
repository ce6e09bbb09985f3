import axios, { type AxiosRequestConfig } from 'axios';
import { InvalidInputError } from 'sluice';
import { describe, expect, it } from 'vitest';
import { isAbsolute, trustedOrigins } from '../../src/http/trusted-origins.ts';

const base = 'https://api.example.com/v1';
const trusts = (url: string, baseURL: string | undefined = base, listed?: string[], own = base): boolean =>
  trustedOrigins(() => own, listed).trusts({ url, ...(baseURL !== undefined && { baseURL }) });

/** URLs that try to look like the base URL's origin, and some that have that origin. */
const urls = [
  '/users',
  'users',
  '',
  '/',
  '?q=1',
  '#hash',
  '../up',
  '/v1/../../up',
  ':8080/x',
  '.evil.com/x',
  '@evil.com/x',
  '/@evil.com',
  '\\\\evil.com/x',
  '/\\evil.com/x',
  '\t//evil.com',
  ' //evil.com',
  '\n//evil.com',
  '/\t/evil.com',
  '///evil.com/x',
  '//evil.com/x',
  '//api.example.com/x',
  'https:evil.com',
  'https:/evil.com',
  'https:\\\\evil.com',
  'https:///evil.com',
  'https://evil.com',
  'HTTPS://EVIL.COM/x',
  'https://api.example.com',
  'HTTPS://API.EXAMPLE.COM/x',
  'https://api.example.com:443/x',
  'https://api.example.com:8443/x',
  'http://api.example.com/x',
  'https://api.example.com.evil.com/x',
  'https://api.example.com@evil.com/x',
  'https://evil.com@api.example.com/x',
  'https://api.example.com%2eevil.com/x',
  'https://evil.com#@api.example.com/x',
  'https://evil.com?https://api.example.com/x',
  'https://evil.com\\@api.example.com/x',
  'https://evil.com\\.api.example.com/x',
  'https://api.example.com\\@evil.com/x',
  'https://sub.api.example.com/x',
  'https://example.com/x',
  'https://api.example.com./x',
  'https://api\t.example.com/x',
  'ht\ttps://evil.com/x',
  'ftp://api.example.com/x',
  'wss://api.example.com/x',
  'data:text/plain,hello',
  'javascript:alert(1)',
  'file:///etc/passwd',
  'blob:https://api.example.com/0f',
  'https://[::1]/x',
  'https://',
  '//',
  'x://y',
];
const bases = [
  base,
  `${base}/`,
  'https://api.example.com',
  'https://evil.com/api',
  'https://evil.com/https://api.example.com',
  '//evil.com',
  '/api',
  '\\\\evil.com',
  '',
];

/** The URL that axios sends a request to. It refuses some. */
function destination(config: AxiosRequestConfig): string {
  try {
    return new URL(axios.getUri(config)).origin;
  } catch {
    return 'nowhere';
  }
}

describe('a request in Node', () => {
  it.each([
    ['a path', '/users'],
    ['a path without a slash', 'users'],
    ['nothing', ''],
    ['a query', '?q=1'],
    ['the way up', '../../up'],
    ['the base in full', 'https://api.example.com/users'],
    ['other spelling', 'HTTPS://API.EXAMPLE.COM/users'],
    ['the default port', 'https://api.example.com:443/users'],
    ['what axios appends, whatever it looks like', '@evil.com'],
    ['backslashes that axios appends', '/\\evil.com'],
    ['a URL in the query', '/login?next=https://evil.com/users'],
    ['a URL in the query of a path without a slash', 'login?next=https://evil.com/users'],
    ['a name before the host', 'https://evil.com@api.example.com/x'],
  ])('is trusted with the URL %s', (_, url) => {
    expect(trusts(url)).toBe(true);
  });

  it.each([
    ['another host', 'https://evil.com/users'],
    ['a host that begins alike', 'https://api.example.com.evil.com/users'],
    ['a subdomain', 'https://sub.api.example.com/users'],
    ['the parent domain', 'https://example.com/users'],
    ['another port', 'https://api.example.com:8443/users'],
    ['another scheme', 'http://api.example.com/users'],
    ['the host as a name', 'https://api.example.com@evil.com/users'],
    ['a backslash before the @', 'https://evil.com\\@api.example.com/users'],
    ['a trailing dot', 'https://api.example.com./users'],
    ['no scheme', '//evil.com/users'],
    ['a scheme of no HTTP', 'ftp://api.example.com/users'],
    ['a blob', 'blob:https://api.example.com/0f'],
  ])('is not trusted with %s', (_, url) => {
    // Only a URL that axios considers absolute replaces the base URL; a blob's URL is appended like a path.
    expect(trusts(url, isAbsolute(url) ? base : '')).toBe(false);
  });

  it('is not trusted because of a base URL of its own', () => {
    expect(trusts('/users', 'https://evil.com')).toBe(false);
    expect(trusts('/users', 'https://api.example.com:444')).toBe(false);
    expect(trusts('/users', 'https://api.example.com/v2')).toBe(true);
    expect(trusts('/users', '/api', ['https://files.example.com'], '/api')).toBe(false);
  });

  it('is trusted with a listed origin', () => {
    const listed = ['https://files.example.com', 'http://localhost:3000'];
    expect(trusts('https://files.example.com/x', base, listed)).toBe(true);
    expect(trusts('/x', 'http://localhost:3000/api', listed)).toBe(true);
    expect(trusts('https://files.example.com.evil.com/x', base, listed)).toBe(false);
    expect(trusts('http://localhost:30000/x', base, listed)).toBe(false);
  });

  describe.each(['capacitor://localhost', 'ionic://localhost', 'tauri://localhost', 'app://bundle:8080'])(
    'to a webview shell’s origin (%s)',
    (shell) => {
      it('is trusted at the listed scheme, host and port', () => {
        expect(trusts(`${shell}/api`, base, [shell])).toBe(true);
        expect(trusts('/api', shell, [shell])).toBe(true);
        expect(trusts('/api', shell, [], shell)).toBe(true);
      });

      it.each([
        ['another host', (url: URL) => `${url.protocol}//evil`],
        ['a host that begins alike', (url: URL) => `${url.protocol}//${url.hostname}.evil.com`],
        ['another port', (url: URL) => `${url.protocol}//${url.hostname}:81`],
        ['another scheme', (url: URL) => `other://${url.host}`],
        ['a scheme of HTTP', (url: URL) => `https://${url.host}`],
        ['the host as a name', (url: URL) => `${url.protocol}//${url.host}@evil.com`],
        ['no host', (url: URL) => `${url.protocol}///${url.host}`],
        ['no host and no slashes', (url: URL) => `${url.protocol}${url.host}`],
      ])('is not trusted with %s', (_, other) => {
        expect(trusts(`${other(new URL(shell))}/api`, '', [shell])).toBe(false);
        expect(trusts(`${shell}/api`, base, ['https://files.example.com'])).toBe(false);
      });
    },
  );

  it.each([true, false, undefined])('is trusted only if axios sends it there (allowAbsoluteUrls: %s)', (allow) => {
    const home = 'https://api.example.com';
    const { trusts: asked } = trustedOrigins(() => base);
    const wrong: string[] = [];
    let trusted = 0;
    for (const baseURL of bases) {
      for (const url of urls) {
        const config = { url, baseURL, ...(allow !== undefined && { allowAbsoluteUrls: allow }) };
        if (!asked(config)) continue;
        trusted += 1;
        const to = destination(config);
        if (to !== home && to !== 'nowhere') wrong.push(`${JSON.stringify(config)} goes to ${to}`);
      }
    }
    expect(wrong).toEqual([]);
    expect(trusted).toBeGreaterThan(50);
  });

  it('is judged by the current base URL of the instance', () => {
    let own: string | undefined;
    const { trusts: asked, includes } = trustedOrigins(() => own);
    expect(asked({ url: 'https://api.example.com/x' })).toBe(false);
    own = base;
    expect(asked({ url: 'https://api.example.com/x' })).toBe(true);
    expect(includes('https://api.example.com/elsewhere')).toBe(true);
    own = 'https://other.example.com';
    expect(asked({ url: 'https://api.example.com/x' })).toBe(false);
    expect(includes('https://api.example.com/elsewhere')).toBe(false);
  });

  it('with neither an absolute URL nor a base URL is not trusted', () => {
    expect(trustedOrigins(() => undefined).trusts({})).toBe(false);
    expect(trustedOrigins(() => '').trusts({ url: '/x', baseURL: '' })).toBe(false);
  });
});

describe('trustedOrigins', () => {
  it.each([
    'https://files.example.com/',
    'https://files.example.com/path',
    'files.example.com',
    '*.example.com',
    'https://*.example.com/',
    'HTTPS://files.example.com',
    'https://files.example.com:443',
    'https://user@files.example.com',
    'ftp://files.example.com',
    'ws://files.example.com',
    'wss://files.example.com',
    'file://host',
    'file:///path',
    'data:text/plain,x',
    'blob:https://files.example.com/0f',
    'capacitor://',
    'capacitor://localhost/',
    'capacitor://user@localhost',
    'CAPACITOR://localhost',
    'capacitor:localhost',
    'null',
    '',
  ])('refuses %j, which is no origin', (origin) => {
    expect(() => trustedOrigins(() => base, [origin])).toThrow(InvalidInputError);
    expect(() => trustedOrigins(() => base, [origin])).toThrow('trustedOrigins takes origins such as https://');
  });

  it('refuses a value that is no string, and names its type', () => {
    const listed = [null] as unknown as string[];
    expect(() => trustedOrigins(() => base, listed)).toThrow('without a path; not null');
  });

  it.each([
    ['https://files.example.com', 'given: a string'],
    [null, 'given: null'],
    [{}, 'given: an object'],
  ])('refuses %j, which is no list', (listed, given) => {
    expect(() => trustedOrigins(() => base, listed as string[])).toThrow(given);
  });

  it('is copied when it is checked', () => {
    const listed = ['https://files.example.com'];
    const { includes } = trustedOrigins(() => base, listed);
    listed.push('https://evil.com');
    expect(includes('https://evil.com')).toBe(false);
  });
});
