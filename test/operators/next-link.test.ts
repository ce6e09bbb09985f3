import { nextLink } from 'sluice/operators';
import { describe, expect, it } from 'vitest';

const base = 'https://api.example.com/v1/users?page=1';
const of = (link: string | string[], more: object = { request: { responseURL: base } }) => ({
  headers: { link },
  ...more,
});
const page2 = 'https://api.example.com/v1/users?page=2';

describe('nextLink()', () => {
  it.each([
    ['one link', `<${page2}>; rel="next"`],
    ['a token', `<${page2}>; rel=next`],
    ['several links', `<https://b.example/>; rel="prev", <${page2}>; rel="next", <https://c.example/>; rel="last"`],
    ['several relations', `<${page2}>; rel="last  next"`],
    ['upper case', `<${page2}>; REL="Next"`],
    ['space everywhere', ` <${page2}>  ;  rel = "next"  `],
    ['other parameters', `<${page2}>; title="a"; rel="next"; type=text/html`],
    ['a parameter without a value', `<${page2}>; crossorigin; rel="next"`],
    [
      'a quoted comma and semicolon',
      `<https://b.example/>; rel="prev"; title="a, b; rel=next", <${page2}>; rel="next"`,
    ],
    [
      'a quoted link',
      `<https://b.example/>; title="<https://evil.example>; rel=next, "; rel="prev", <${page2}>; rel="next"`,
    ],
    [
      'an escaped quotation mark',
      `<https://b.example/>; title="a\\"; rel=next; b=\\""; rel=prev, <${page2}>; rel=next`,
    ],
    ['an escaped letter', `<${page2}>; rel="n\\ext"`],
    ['empty elements', `, ,<${page2}>; rel="next",,`],
    ['a comma in the target', '<?page=2>;rel=next'],
    ['a path', '</v1/users?page=2>; rel="next"'],
    ['a relative path', '<users?page=2>; rel="next"'],
    ['a first rel that counts', `<${page2}>; rel=next; rel=prev`],
    ['another link that is anchored elsewhere', `<https://b.example/>; rel=next; anchor="#a", <${page2}>; rel=next`],
    ['the first one', `<${page2}>; rel=next, <https://b.example/>; rel=next`],
  ])('finds the next page: %s', (_, link) => {
    expect(nextLink(of(link))).toBe(page2);
  });

  it.each([
    ['no header', undefined],
    ['an empty one', ''],
    ['another relation', `<${page2}>; rel="prev"`],
    ['a part of the name', `<${page2}>; rel="nextish"`],
    ['an extension relation', `<${page2}>; rel="https://example.com/next"`],
    ['a second rel', `<${page2}>; rel=prev; rel=next`],
    ['no rel', `<${page2}>`],
    ['rev', `<${page2}>; rev=next`],
    ['a quotation mark that is not closed', `<https://b.example/>; title="a, <${page2}>; rel=next`],
    ['a target that is not closed', `<${page2}; rel=next`],
    ['no target', 'rel=next; <'],
  ])('is undefined: %s', (_, link) => {
    expect(nextLink({ headers: { link } })).toBe(undefined);
  });

  it('finds links of other relations', () => {
    expect(nextLink(of('</a>; rel=prev, </b>; rel="LAST"'), 'last')).toBe('https://api.example.com/b');
  });

  it('reads several Link headers', () => {
    expect(nextLink(of(['</a>; rel=prev', '</v1/users?page=2>; rel=next']))).toBe(page2);
  });

  it.each([
    ['XMLHttpRequest', { request: { responseURL: base } }],
    ["Node's http", { request: { res: { responseUrl: base, url: '' } } }],
    ['fetch', { request: { url: base } }],
    ['a redirected fetch', { request: { url: 'https://old.example/', responseURL: base } }],
    ['HttpClient', { url: base }],
    ['a mock with an empty URL', { url: '', request: { responseURL: base } }],
  ])('resolves the URL against that of the response: %s', (_, more) => {
    expect(nextLink(of('<?page=2>; rel=next', more))).toBe(page2);
  });

  it('leaves the URL as it is if that of the response is unknown or the URL cannot be parsed', () => {
    expect(nextLink(of('</users?page=2>; rel=next', {}))).toBe('/users?page=2');
    expect(nextLink(of('</users?page=2>; rel=next', { request: { responseURL: 'nonsense' } }))).toBe('/users?page=2');
    expect(nextLink(of('<https://>; rel=next'))).toBe('https://');
  });

  it('reads a Response of fetch', () => {
    const response = new Response('', {
      headers: [
        ['link', '</a>; rel=prev'],
        ['link', `<${page2}>; rel=next`],
      ],
    });
    expect(nextLink(response)).toBe(page2);
  });

  it('takes only time in proportion to the length of a hostile header', () => {
    const hostile = [
      '<'.repeat(200_000),
      '<a>;'.repeat(100_000),
      `<a>; ${'a="'.repeat(100_000)}`,
      `<a>;${' '.repeat(200_000)}=`,
      `<a>; a="${'\\"'.repeat(100_000)}`,
    ];
    // A parser in linear time needs milliseconds, a quadratic one minutes: then the time limit of the test fails it.
    for (const link of hostile) expect(nextLink(of(link))).toBe(undefined);
  });

  it('does not pollute prototypes', () => {
    expect(nextLink(of('</a>; __proto__=x; constructor=y; anchor*=z; rel=next'))).toBe('https://api.example.com/a');
    expect(({} as Record<string, unknown>)['rel']).toBe(undefined);
  });
});
