import { describeProcesses } from './processes.ts';

describeProcesses('redis');
