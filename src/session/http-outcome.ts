type Fields = Partial<Record<string, unknown>>;

const fields = (value: unknown): Fields => (typeof value === 'object' && value !== null ? value : {});

/**
 * What can be read alike from the answers and errors of axios, `rxjs/ajax`, fetch, ky and Angular's HttpClient. The
 * answer is the error's `response`, except for Angular and ajax, which spread it over the error (ajax: `response` is the body).
 */
function answerOf(outcome: unknown): Fields {
  const own = fields(outcome);
  return typeof own['status'] === 'number' && !('config' in own) ? own : fields(own['response'] ?? outcome);
}

/** The HTTP status, or `undefined` when there was no answer. Angular and ajax say 0 for that. */
export function statusOf(outcome: unknown): number | undefined {
  const { status } = answerOf(outcome);
  return typeof status === 'number' && status > 0 ? status : undefined;
}

export function headerOf(outcome: unknown, name: string): string | undefined {
  const { headers, xhr } = answerOf(outcome);
  const { get } = fields(headers) as { get?: (this: unknown, name: string) => unknown };
  const value =
    typeof get === 'function'
      ? get.call(headers, name)
      : ((xhr as XMLHttpRequest | undefined)?.getResponseHeader(name) ?? fields(headers)[name]);
  return typeof value === 'string' ? value : undefined;
}

/** The parsed body: axios calls it `data`, ajax `response`, Angular `error`. */
export function bodyOf(outcome: unknown): unknown {
  const { data, response, error } = answerOf(outcome);
  return data ?? response ?? error;
}
