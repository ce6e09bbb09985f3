import { InvalidInputError } from '../session/index.ts';
import { assertKnownOptions, assertOption, kindOf } from '../session/internal.ts';
import type { TestProgress } from './progress.ts';
import { shown } from './shown.ts';
import type { TestErrorInit, TestResponseInit } from './test-request.ts';

/** @throws InvalidInputError for the head of a response that no server could send, or (in development) an unknown property */
export function checkResponseInit(where: string, init: TestResponseInit): void {
  assertKnownOptions(where, init, ['status', 'statusText', 'headers']);
  const { status, statusText, headers } = init;
  const isStatus = Number.isInteger(status) && Number(status) >= 100 && Number(status) <= 599;
  assertOption(where, 'status', status, isStatus, 'a whole number from 100 to 599');
  assertOption(where, 'statusText', statusText, typeof statusText === 'string', 'a string');
  const areHeaders = typeof headers === 'object' && (headers as unknown) !== null;
  assertOption(where, 'headers', headers, areHeaders, 'an object of strings');
}

/** @throws InvalidInputError for properties of the wrong kind, or (in development) an unknown one */
export function checkErrorInit(where: string, init: TestErrorInit): void {
  assertKnownOptions(where, init, ['code', 'message', 'cause']);
  for (const name of ['code', 'message'] as const)
    assertOption(where, name, init[name], typeof init[name] === 'string', 'a string');
}

/** @throws InvalidInputError for progress that no adapter reports */
export function checkProgress({ type = 'downloadProgress', loaded, total }: TestProgress): void {
  const types = ['uploadProgress', 'downloadProgress'];
  assertOption('progress()', 'type', type, types.includes(type), "'uploadProgress' or 'downloadProgress'");
  const isCount = (value: unknown): boolean => typeof value === 'number' && value >= 0;
  assertGiven('progress()', 'loaded', loaded, isCount(loaded), 'bytes, 0 or more');
  assertOption('progress()', 'total', total, isCount(total), 'bytes, 0 or more');
}

/** @throws InvalidInputError for events that no server could send, or (in development) an unknown property of one */
export function checkEvents(events: unknown): void {
  checkList('events()', 'events', events, 'a list of events');
  for (const [i, event] of events.entries()) {
    if (isChunk(event)) continue;
    const name = `events[${i}]`;
    const isObject = typeof event === 'object' && event !== null && !Array.isArray(event) && !isBinary(event);
    assertGiven('events()', name, event, isObject, 'an object such as { data }, a string or a Uint8Array');
    checkEvent(`events(): ${name}`, event as Readonly<Record<string, unknown>>);
  }
}

/** @throws InvalidInputError for parts of a body that are neither text nor bytes */
export function checkChunks(chunks: unknown): void {
  checkList('chunks()', 'chunks', chunks, 'a list of strings and Uint8Arrays');
  for (const [i, chunk] of chunks.entries())
    assertGiven('chunks()', `chunks[${i}]`, chunk, isChunk(chunk), 'a string or a Uint8Array');
}

function checkEvent(where: string, event: Readonly<Record<string, unknown>>): void {
  assertKnownOptions(where, event, ['data', 'event', 'id', 'retry']);
  for (const name of ['event', 'id']) {
    const value = event[name];
    assertOption(where, name, value, typeof value === 'string', 'a string');
    // A line end would end the field, and the rest of the text would be read as a field of its own, or as the end of the event.
    if (/[\r\n]/.test(String(value)))
      throw new InvalidInputError(`${where}: ${name} takes a string without a line end; given: ${shown(value)}.`);
  }
  const { retry } = event;
  const isRetry = Number.isInteger(retry) && Number(retry) >= 0;
  assertOption(where, 'retry', retry, isRetry, 'milliseconds, a whole number, 0 or more');
}

function checkList(where: string, name: string, value: unknown, wanted: string): asserts value is readonly unknown[] {
  assertGiven(where, name, value, Array.isArray(value), wanted);
}

/** Checks a value that must be given. `assertOption` alone would let `undefined` pass. */
function assertGiven(where: string, name: string, value: unknown, isRight: boolean, wanted: string): void {
  if (value === undefined) throw new InvalidInputError(`${where}: ${name} takes ${wanted}; given: ${kindOf(value)}.`);
  assertOption(where, name, value, isRight, wanted);
}

function isChunk(value: unknown): boolean {
  // Do not use `instanceof`: in Jest's jsdom, `Uint8Array` is not the class of Node's buffers.
  return typeof value === 'string' || Object.prototype.toString.call(value) === '[object Uint8Array]';
}

/** Whether a value holds bytes, of whatever kind. */
function isBinary(value: unknown): boolean {
  return ArrayBuffer.isView(value) || Object.prototype.toString.call(value) === '[object ArrayBuffer]';
}
