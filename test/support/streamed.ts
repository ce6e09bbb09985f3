/** Reads a body in the background. */
export interface Reading {
  /** Resolves with the first chunk. */
  readonly chunk: Promise<unknown>;
  /** The error that reading ended with; never settles if the body ended well. */
  readonly error: Promise<unknown>;
  /** The whole body, if it ended well. */
  readonly text: Promise<string>;
  start(body: AsyncIterable<Uint8Array>): void;
}

export function collectingErrors(body?: AsyncIterable<Uint8Array>): Reading {
  const told = new EventTarget();
  let text = '';
  let failure: unknown;
  const heard = <T>(type: string, value: () => T): Promise<T> =>
    new Promise((resolve) => {
      told.addEventListener(type, () => {
        resolve(value());
      });
    });
  const tell = (type: string): void => {
    told.dispatchEvent(new Event(type));
  };
  const start = async (from: AsyncIterable<Uint8Array>): Promise<void> => {
    try {
      for await (const chunk of from) {
        text += Buffer.from(chunk).toString();
        tell('chunk');
      }
      tell('end');
    } catch (error) {
      failure = error;
      tell('error');
    }
  };
  const reading: Reading = {
    chunk: heard('chunk', () => text),
    error: heard('error', () => failure),
    text: heard('end', () => text),
    start: (from) => {
      void start(from);
    },
  };
  if (body) reading.start(body);
  return reading;
}
