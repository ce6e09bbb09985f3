import NodeForm from 'form-data';
import { Agent } from 'node:http';
import { Readable } from 'node:stream';
import { type Case, casesOf } from '../case.ts';
import { type Bodies, bodyCases, platformBodies } from './bodies.ts';

const nodeForm = (): NodeForm => {
  const made = new NodeForm();
  made.append('a', '1');
  made.append('file', Buffer.from('content'), { filename: 'name.txt' });
  return made;
};

/** Bodies that only Node has. */
export const bodies: Bodies = {
  ...platformBodies,
  'a Buffer': () => Buffer.from(Array.from({ length: 300 }, (_, n) => n)),
  'a form of form-data': nodeForm,
  'a stream': () => Readable.from([Buffer.from('one'), Buffer.from('two')]),
};

export const nodeCases: readonly Case[] = [
  ...bodyCases(bodies),
  ...casesOf('connection', { 'with an agent': () => ({ httpAgent: new Agent({ keepAlive: false }) }) }),
];
