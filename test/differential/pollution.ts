/**
 * Options of axios and of Sluice that a faulty library might put on `Object.prototype`. Without `params`, `timeout`,
 * `signal` and similar ones, which Node itself reads there.
 */
const forged: Readonly<Record<string, unknown>> = {
  adapter: () => Promise.resolve({ data: 'forged', status: 200, statusText: '', headers: {}, config: {} }),
  beforeRedirect: (options: { headers?: object }) => {
    options.headers = {};
  },
  transformRequest: () => 'forged',
  transformResponse: () => 'forged',
  validateStatus: () => true,
  parseReviver: () => 'forged',
  paramsSerializer: () => 'forged=1',
  auth: { username: 'forged', password: 'forged' },
  env: { fetch: () => Promise.resolve(new Response('forged')) },
  baseURL: 'http://forged.example.com',
  responseType: 'arraybuffer',
  responseEncoding: 'base64',
  maxContentLength: 1,
  maxBodyLength: 1,
  maxRedirects: 0,
  decompress: false,
  transitional: { silentJSONParsing: false },
  timeoutErrorMessage: 'forged',
  allowAbsoluteUrls: false,
  formSerializer: { indexes: true },
  onDownloadProgress: () => {
    throw new Error('forged');
  },
  session: false,
  observe: 'events',
  schema: { '~standard': { validate: () => ({ value: 'forged' }) } },
  isUnauthorized: () => false,
  trustedOrigins: ['http://forged.example.com'],
};

/** Runs work while `Object.prototype` is polluted. */
export async function whilePolluted<T>(work: () => Promise<T>): Promise<T> {
  for (const [key, value] of Object.entries(forged))
    Object.defineProperty(Object.prototype, key, { value, configurable: true, writable: true, enumerable: false });
  try {
    return await work();
  } finally {
    for (const key of Object.keys(forged)) Reflect.deleteProperty(Object.prototype, key);
  }
}
