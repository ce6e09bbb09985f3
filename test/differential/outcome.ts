import { isReadable, type Readable } from 'node:stream';
import type { AxiosError, AxiosResponse } from 'axios';

/** What came back to the caller, comparable. */
export type Outcome = Readonly<Record<string, unknown>>;

/** What the caller sees of a value. */
export async function outcomeOfValue(response: AxiosResponse): Promise<Outcome> {
  return { kind: 'value', ...(await answerOf(response)) };
}

/** What the caller sees of an error. */
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

/** Bytes, streams and files by what is in them. */
async function readable(data: unknown): Promise<unknown> {
  if (data instanceof ArrayBuffer) return ['ArrayBuffer', Buffer.from(data).toString('latin1')];
  if (ArrayBuffer.isView(data))
    return [data.constructor.name, Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('latin1')];
  if (data instanceof Blob) return ['Blob', data.type, await data.text()];
  if (data instanceof ReadableStream) return ['ReadableStream', await textOf(data as AsyncIterable<Uint8Array>)];
  if (typeof data === 'object' && data !== null && isReadable(data as Readable) !== null)
    return ['Readable', await textOf(data as Readable)];
  return data;
}

async function textOf(stream: AsyncIterable<Uint8Array | string>): Promise<string> {
  let text = '';
  try {
    for await (const chunk of stream) text += Buffer.from(chunk).toString('latin1');
  } catch (error) {
    text += `, then ${(error as Error).name}`;
  }
  return text;
}
