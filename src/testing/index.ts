// A cell of one's own
export { type CellLaw, cellLaws, type CellLawsOptions } from './cell-laws.ts';

// Requests
export { testClient, type TestClient, type TestClientOptions } from './test-client.ts';
export type { HttpController } from './http-controller.ts';
export type { RequestMatch } from './request-match.ts';
export type { TestErrorInit, TestRequest, TestResponseInit } from './test-request.ts';
export type { TestProgress } from './progress.ts';
export type { SentEvent } from './streamed-body.ts';

// Sessions
export { testSession, type TestSession, type TestSessionOptions } from './test-session.ts';
export type { TestRefresh } from './test-refresh.ts';

// Time
export { fakeTime, type FakeTime, type MarbleExpectation } from './fake-time.ts';
export type { MarbleSend } from './send-log.ts';
export type { FakeClock } from './fake-clock.ts';
export type { MarbleValues } from './marbles.ts';
export type { AnswerMarbles, TestAnswer } from './server-rules.ts';
