import type { AxiosError, AxiosResponse } from 'axios';

/** What the caller got, in a comparable form. */
export type Outcome = Readonly<Record<string, unknown>>;

/** The part of a value that the caller sees. */
export async function outcomeOfValue(response: AxiosResponse): Promise<Outcome> {
  return { kind: 'value', ...(await answerOf(response)) };
}

/** The part of an error that the caller sees. */
export async function outcomeOfError(thrown: unknown): Promise<Outcome> {
  if (!(thrown instanceof Error)) return { kind: 'error', thrown: String(thrown) };
  const { name, message } = thrown;
  const { code, status, response, config, isAxiosError, __CANCEL__ } = thrown as Partial<AxiosError> & {
    readonly __CANCEL__?: boolean;
  };
  return {
    kind: 'error',
    name,
    message,
    code,
    status,
    isAxiosError: isAxiosError === true,
    hasCancelBrand: __CANCEL__ === true,
    'error config': keysOf(config),
    ...(response && (await answerOf(response))),
  };
}

async function answerOf({ status, statusText, headers, data, config, request }: AxiosResponse): Promise<Outcome> {
  return {
    status,
    statusText,
    headers: Object.entries(headers).sort(),
    data: await readable(data),
    config: keysOf(config),
    hasRequest: Boolean(request),
  };
}

const keysOf = (config: object | undefined): readonly string[] => Object.keys(config ?? {}).sort();

/** Represents bytes, streams and files by their content. */
async function readable(data: unknown): Promise<unknown> {
  if (data instanceof ArrayBuffer) return ['ArrayBuffer', latin1(new Uint8Array(data))];
  if (ArrayBuffer.isView(data))
    return [data.constructor.name, latin1(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))];
  if (data instanceof Blob) return ['Blob', data.type, await data.text()];
  if (data instanceof ReadableStream) return ['ReadableStream', await textOf(data as AsyncIterable<Uint8Array>)];
  if (isNodeStream(data)) return ['Readable', await textOf(data)];
  return data;
}

async function textOf(stream: AsyncIterable<Uint8Array | string>): Promise<string> {
  let text = '';
  try {
    for await (const chunk of stream) text += typeof chunk === 'string' ? chunk : latin1(chunk);
  } catch (error) {
    text += `, then ${(error as Error).name}`;
  }
  return text;
}

/** One character for each byte. */
const latin1 = (bytes: Uint8Array): string => Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');

function isNodeStream(data: unknown): data is AsyncIterable<Uint8Array> {
  return typeof data === 'object' && data !== null && 'readableFlowing' in data;
}
