import fc from 'fast-check';
import type { AxiosRequestConfig } from 'axios';
import { type Answer, pathOf } from './answer.ts';
import type { Case } from './case.ts';
import { bodies } from './cases/node.ts';

const word = fc.string({ maxLength: 8 });
const value = fc.oneof(word, fc.integer(), fc.boolean(), fc.constant(null), fc.array(word, { maxLength: 3 }));
const token = fc
  .stringMatching(/^[A-Za-z][A-Za-z-]{0,8}$/)
  .filter(
    (name) =>
      !/^(authorization|host|connection|upgrade|expect|te|trailer|transfer-encoding|content-.*|accept-encoding|keep-alive)$/i.test(
        name,
      ),
  );
const text = fc.stringMatching(/^[ -~]{0,12}$/);

const answer: fc.Arbitrary<Answer> = fc.record({
  status: fc.constantFrom(200, 201, 400, 404, 500),
  headers: fc.constantFrom({ 'content-type': 'application/json' }, { 'content-type': 'text/plain' }),
  body: fc.oneof(fc.json({ maxDepth: 2 }), fc.constant('')),
});

/** Requests with random combinations of options, which nobody would write by hand. */
export const randomCase: fc.Arbitrary<Case> = fc
  .record({
    answer,
    method: fc.constantFrom('get', 'post', 'put', 'patch', 'delete', 'head', 'options'),
    params: fc.dictionary(word, value, { maxKeys: 3 }),
    headers: fc.dictionary(token, text, { maxKeys: 3 }),
    body: fc.constantFrom(...Object.keys(bodies)),
    responseType: fc.constantFrom<AxiosRequestConfig['responseType'][]>(
      undefined,
      'json',
      'text',
      'arraybuffer',
      'stream',
    ),
    maxRedirects: fc.constantFrom(undefined, 0, 3),
  })
  .map(({ answer: given, body, responseType, maxRedirects, ...config }) => ({
    name: `random: ${body}`,
    answer: given,
    config: () => ({
      ...config,
      url: pathOf(given),
      data: config.method === 'get' || config.method === 'head' ? undefined : bodies[body]?.(),
      ...(responseType && { responseType }),
      ...(maxRedirects !== undefined && { maxRedirects }),
    }),
  }));
