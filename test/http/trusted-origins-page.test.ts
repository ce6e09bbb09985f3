import axios from 'axios';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { isResolvable, trustedOrigins } from '../../src/http/trusted-origins.ts';

describe('trusted origins on a page', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });
  const onPage = (own: string | undefined, listed?: string[]) => {
    vi.stubGlobal('location', { href: 'https://app.example.com/deep/page?x' });
    return trustedOrigins(() => own, listed).trusts;
  };

  it.each([undefined, '/api', 'api', './api', ''])(
    'with the base URL %s include its own origin and no other',
    (own) => {
      const asked = onPage(own);
      const config = own === undefined ? {} : { baseURL: own };
      for (const url of ['/x', 'x', 'https://app.example.com/x', '//app.example.com/x'])
        expect(asked({ ...config, url })).toBe(true);
      for (const url of ['https://api.example.com/x', '//evil.com/x', 'http://app.example.com/x'])
        expect(asked({ ...config, url })).toBe(false);
    },
  );

  it.each(['/\\evil.com/x', '\\\\evil.com/x', '/\t/evil.com/x'])('exclude %j when the base URL is empty', (url) => {
    const asked = onPage(undefined);
    expect(new URL(url, 'https://app.example.com').origin).toBe('https://evil.com');
    expect(asked({ url })).toBe(false);
    expect(asked({ url, baseURL: '' })).toBe(false);
  });

  it('with the base URL / exclude a URL with backslashes exactly if axios would send it to another origin', () => {
    const asked = onPage('/');
    for (const url of ['/\\evil.com/x', '\\evil.com/x', '\\\\evil.com']) {
      const wire = axios.getUri({ baseURL: '/', url });
      expect(asked({ url, baseURL: '/' })).toBe(new URL(wire, 'https://app.example.com').origin !== 'https://evil.com');
    }
  });

  it('include a foreign base URL’s origin instead of the page’s', () => {
    const asked = onPage('https://api.example.com');
    expect(asked({ url: '/x', baseURL: 'https://api.example.com' })).toBe(true);
    expect(asked({ url: 'https://app.example.com/x', baseURL: 'https://api.example.com' })).toBe(false);
  });

  it('with a base URL without a scheme get the page’s scheme', () => {
    const asked = onPage('//api.example.com');
    expect(asked({ url: '/x', baseURL: '//api.example.com' })).toBe(true);
    expect(asked({ url: 'https://api.example.com/x' })).toBe(true);
    expect(asked({ url: 'http://api.example.com/x' })).toBe(false);
  });

  it('exclude a URL or a base URL that begins like a path but leads to another origin', () => {
    // Joined as axios joins them, these become //evil.com.
    expect(onPage(undefined)({ url: '/x', baseURL: '/\\evil.com' })).toBe(false);
    expect(onPage('/')({ url: '\t/evil.com/x', baseURL: '/' })).toBe(false);
  });

  const here = 'https://app.example.com';
  const leading = ['/x', 'x/y', '?a=//b', '/\\evil.com', '\\evil.com', '\t/evil.com', '/\t/evil.com', 'evil.com'];
  it.each(['/', '/api', '/api/v1/', 'api//', '/\\evil.com', '\\\\evil.com', '\t//', '?', '#'])(
    'with the base URL %j include exactly what axios sends to the page',
    (baseURL) => {
      const asked = onPage(undefined);
      const trusted = leading.filter((url) => asked({ baseURL, url }));
      expect(trusted).toEqual(leading.filter((url) => originOnPage(axios.getUri({ baseURL, url })) === here));
    },
  );

  it('exclude a URL that only axios versions that keep slashes at the end of a base URL send elsewhere', () => {
    const left = '\t/' + '/evil.com';
    expect(originOnPage(left)).toBe('https://evil.com');
    expect(onPage(undefined)({ url: '/evil.com', baseURL: '\t///' })).toBe(false);
  });

  it.each([undefined, '/api'])('are not extended by a <base> that points to another origin (base URL: %s)', (own) => {
    vi.stubGlobal('document', { baseURI: 'https://cdn.example.com/assets/' });
    const asked = onPage(own);
    const config = own === undefined ? {} : { baseURL: own };
    expect(asked({ ...config, url: '/x' })).toBe(false);
    expect(asked({ ...config, url: 'https://cdn.example.com/x' })).toBe(false);
    expect(asked({ ...config, url: 'https://app.example.com/x' })).toBe(true);
    expect(onPage(own, ['https://cdn.example.com'])({ ...config, url: '/x' })).toBe(true);
  });

  it('treat a document that throws when its base is read as having none', () => {
    vi.stubGlobal('document', {
      get baseURI(): string {
        throw new Error('not implemented');
      },
    });
    expect(onPage(undefined)({ url: '/x' })).toBe(true);
  });

  it('include a webview shell’s page, and no other', () => {
    vi.stubGlobal('location', { href: 'capacitor://localhost/index.html' });
    const { trusts, includes } = trustedOrigins(() => undefined);
    for (const url of ['/x', 'x', 'capacitor://localhost/x', '//localhost/x']) expect(trusts({ url })).toBe(true);
    for (const url of ['//evil/x', 'https://localhost/x', 'ionic://localhost/x', 'capacitor://evil/x'])
      expect(trusts({ url })).toBe(false);
    expect(includes('capacitor://localhost/x')).toBe(true);
    expect(isResolvable('/x', undefined)).toBe(true);
  });

  it.each(['about:blank', 'file:///home/index.html', 'data:text/html,x'])(
    'exclude a page without a host (%s)',
    (href) => {
      vi.stubGlobal('location', { href });
      const { trusts, includes } = trustedOrigins(() => undefined);
      expect(trusts({ url: '/x' })).toBe(false);
      expect(includes(href)).toBe(false);
    },
  );

  it('follow the page’s current address', () => {
    const asked = onPage('/api');
    const url = 'https://app.example.com/x';
    expect(asked({ url })).toBe(true);
    vi.stubGlobal('location', { href: 'https://other.example.com/' });
    expect(asked({ url })).toBe(false);
    expect(asked({ url: '/x', baseURL: '/api' })).toBe(true);
  });

  it('make a relative URL possible without a base URL', () => {
    onPage(undefined);
    expect(isResolvable('/x', undefined)).toBe(true);
  });
});

function originOnPage(url: string): string | undefined {
  return URL.canParse(url, 'https://app.example.com/deep/page')
    ? new URL(url, 'https://app.example.com/deep/page').origin
    : undefined;
}
