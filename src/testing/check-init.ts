import { assertKnownOptions, assertOption } from '../session/internal.ts';
import type { TestProgress } from './progress.ts';
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
  for (const [name, value] of Object.entries<unknown>({ loaded, total }))
    assertOption('progress()', name, value, typeof value === 'number' && value >= 0, 'bytes, 0 or more');
}
